using Firn.Formats.Payloads;
using Firn.Formats.SquashFs;
using Firn.Linux.Block;
using Firn.Linux.Compression;
using Firn.Linux.Files;

namespace Firn.Machine.Updates;

/// <summary>
/// Block indexes of images on this machine: kept from when they were installed, else made anew by reading the image. They may
/// be lost or wrong at no cost but time and bytes, since whatever is copied by them is hashed.
/// </summary>
/// <param name="directory">Where they are kept; null for nowhere.</param>
internal sealed class SlotIndexes(string? directory)
{
    private const int MostKept = 6;
    private const long LargestBytes = 64 << 20;

    /// <summary>Of a root image; null if it cannot be read.</summary>
    public BlockIndex? OfRoot(IBlockDevice root, long sizeBytes, string sha256) => Kept(sha256) ?? Make(() =>
    {
        var content = new DeviceContent(root, sizeBytes);
        var index = BlockIndex.Of(content, BlockCuts.OfSquashFs(SquashFsReader.Open(content, () => new ZstdDecompressor().Decompress)));
        Keep(sha256, index.ToBytes());
        return index;
    });

    /// <summary>Of a boot image, which is small; null if it cannot be read.</summary>
    public static BlockIndex? OfBoot(IBlockDevice boot) => Make(() =>
        BlockIndex.Of(new DeviceContent(boot, boot.SizeBytes), BlockCuts.OfFat(new BlockDeviceStream(boot))));

    /// <summary>Keeps one for later. A data partition that is full or broken does not matter.</summary>
    public void Keep(string sha256, ReadOnlySpan<byte> index)
    {
        if (directory is null) return;
        try
        {
            DurableFile.Replace(FileOf(sha256), index);
            foreach (var old in new DirectoryInfo(directory).GetFiles("*.idx").OrderByDescending(file => file.LastWriteTimeUtc).Skip(MostKept)) old.Delete();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // it will be made anew
        }
    }

    private BlockIndex? Kept(string sha256)
    {
        if (directory is null || !File.Exists(FileOf(sha256)) || new FileInfo(FileOf(sha256)).Length > LargestBytes) return null;
        return Make(() => BlockIndex.Read(File.ReadAllBytes(FileOf(sha256))));
    }

    private string FileOf(string sha256) => Path.Combine(directory!, $"{sha256}.idx");

    private static BlockIndex? Make(Func<BlockIndex> make)
    {
        try
        {
            return make();
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
