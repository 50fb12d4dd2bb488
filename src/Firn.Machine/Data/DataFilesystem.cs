using System.Text;
using Firn.Formats.Boot;
using Firn.Formats.Ext4;
using Firn.Formats.Gpt;
using Firn.Linux.Block;
using Firn.Linux.Processes;
using Firn.Machine.Boot;

namespace Firn.Machine.Data;

/// <summary>
/// The ext4 of the data partition, by e2fsprogs. Only a partition that is blank is formatted: everything else is data
/// until a person says that it is not.
/// </summary>
/// <param name="path">The partition's device, or the image file that holds it.</param>
/// <param name="offsetBytes">Where in that file it begins; 0 for a device.</param>
/// <param name="partition">Its size and id.</param>
/// <param name="open">Opens it for us; never while a tool has it.</param>
internal sealed class DataFilesystem(string path, long offsetBytes, GptPartition partition, Func<IBlockDevice> open)
{
    /// <summary>
    /// Every filesystem, volume manager and RAID keeps something in the first MiB, and no more than that is certain to be
    /// in the image a disk was made from: behind it can be what the disk held before.
    /// </summary>
    private const int BlankBytes = 1 << 20;

    private const int BlockBytes = 4096;

    /// <summary>Left free behind the filesystem; its last block is where <see cref="Marker"/> goes.</summary>
    private const int ReservedBytes = 64 << 10;

    private static readonly TimeSpan ToolLimit = TimeSpan.FromHours(2);

    /// <summary>For messages.</summary>
    public string Name => offsetBytes == 0 ? path : $"{path}:{partition.Name}";

    private long FilesystemBytes => (partition.SizeBytes - ReservedBytes) / BlockBytes * BlockBytes;
    private long MarkerOffset => partition.SizeBytes / BlockBytes * BlockBytes - BlockBytes;

    /// <summary>
    /// On the medium from before a filesystem is made until it is complete, so that a power cut meanwhile leaves
    /// something that is known to be ours to make again.
    /// </summary>
    private byte[] Marker()
    {
        var block = new byte[BlockBytes];
        Encoding.ASCII.GetBytes($"firn: making a filesystem in partition {partition.Id}, not yet complete\n").CopyTo(block, 0);
        return block;
    }

    /// <summary>What the partition holds: null for nothing at all.</summary>
    /// <exception cref="RefusedException">It holds something that is not a filesystem of Firn's.</exception>
    public Ext4Superblock? Examine()
    {
        using var device = open();
        if (device.SizeBytes >= BlockBytes && HoldsMarker(device)) return null;
        var front = new byte[Math.Min(BlankBytes, device.SizeBytes)];
        device.Read(0, front);
        if (!front.AsSpan().ContainsAnyExcept((byte)0)) return null;
        return (front.Length >= Ext4Superblock.Offset + Ext4Superblock.Size
                ? Ext4Superblock.Read(front.AsSpan(Ext4Superblock.Offset, Ext4Superblock.Size))
                : null)
            ?? throw new RefusedException(
                $"{device.Name}: holds something that is not an ext4 filesystem, and data is never destroyed; "
                + "if it is not needed, overwrite its first MiB with zeros");
    }

    public void Format()
    {
        using (var device = open())
        {
            device.Write(MarkerOffset, Marker());
            device.Flush();
        }
        Run("mke2fs", [0],
            "-q", "-F", "-t", "ext4", "-b", $"{BlockBytes}", "-L", DiskLayout.DataPartition,
            "-E", $"nodiscard,offset={offsetBytes}", path, $"{FilesystemBytes / 1024}k");
        using (var device = open())
        {
            device.Flush();
            device.Write(MarkerOffset, new byte[BlockBytes]);
            device.Flush();
        }
    }

    /// <returns>False when the filesystem has all the room there is.</returns>
    public bool Grow(Ext4Superblock filesystem)
    {
        if (FilesystemBytes - filesystem.SizeBytes < DataTable.SmallestBytes) return false;
        if (offsetBytes == 0) Resize(path);
        else ResizeCopy();
        using var device = open();
        device.Flush();
        return true;
    }

    private void Resize(string target)
    {
        Run("e2fsck", [0, 1, 2], "-f", "-p", target);    // 1 and 2: problems were found and corrected
        Run("resize2fs", [0], target, $"{FilesystemBytes / 1024}k");
    }

    /// <summary>resize2fs cuts a file to the filesystem's size wherever in it that begins, so it gets a file of its own.</summary>
    private void ResizeCopy()
    {
        var copyPath = path + ".firn-data";
        File.WriteAllBytes(copyPath, []);
        try
        {
            using (var file = new FileStream(copyPath, FileMode.Open)) file.SetLength(partition.SizeBytes);
            using (var device = open())
            using (var copy = BlockDevice.Open(copyPath, BlockAccess.ReadWrite)) CopyDifferences(device, copy, partition.SizeBytes);
            Resize(copyPath);
            using (var device = open())
            using (var copy = BlockDevice.Open(copyPath, BlockAccess.ReadOnly)) CopyDifferences(copy, device, FilesystemBytes);
        }
        finally
        {
            File.Delete(copyPath);
        }
    }

    /// <summary>What is the same already is not written: holes stay holes.</summary>
    private static void CopyDifferences(IBlockDevice from, IBlockDevice to, long lengthBytes)
    {
        var (wanted, found) = (new byte[1 << 20], new byte[1 << 20]);
        for (long offset = 0; offset < lengthBytes; offset += wanted.Length)
        {
            var length = (int)Math.Min(wanted.Length, lengthBytes - offset);
            from.Read(offset, wanted.AsSpan(0, length));
            to.Read(offset, found.AsSpan(0, length));
            if (!wanted.AsSpan(0, length).SequenceEqual(found.AsSpan(0, length))) to.Write(offset, wanted.AsSpan(0, length));
        }
    }

    private bool HoldsMarker(IBlockDevice device)
    {
        var block = new byte[BlockBytes];
        if (MarkerOffset + BlockBytes > device.SizeBytes) return false;
        device.Read(MarkerOffset, block);
        return block.AsSpan().SequenceEqual(Marker());
    }

    private static void Run(string tool, int[] goodCodes, params string[] arguments)
    {
        // the initramfs has no sbin in its PATH
        var file = new[] { "/usr/sbin", "/sbin" }.Select(directory => Path.Combine(directory, tool)).FirstOrDefault(File.Exists);
        var result = ProgramRun.Run(file ?? tool, arguments, ToolLimit);
        if (result.TimedOut || !goodCodes.Contains(result.ExitCode))
            throw new IOException(
                $"{tool} {string.Join(' ', arguments)}: "
                + (result.TimedOut ? "did not end" : $"exit code {result.ExitCode}") + $"\n{result.Output.TrimEnd()}");
    }
}
