using Firn.Formats.Boot;
using Firn.Formats.Gpt;
using Firn.Linux;
using Firn.Linux.Block;
using Firn.Machine.Data;

namespace Firn.SystemTests;

/// <summary>On a disk of the kernel, whose partitions it must be told of one by one because others are in use.</summary>
public sealed class DataPartitionIsPrepared : IDisposable
{
    private const int Number = 3;
    private const long Mebibyte = 1 << 20;

    private readonly string _directory = Directory.CreateTempSubdirectory("firn-data-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string MakeDisk(bool hasData)
    {
        var path = Path.Combine(_directory, "disk.img");
        var partitions = new List<GptPartition>
        {
            new(1, "firn-esp", GptTypes.Esp, Guid.NewGuid(), 2048, 8191),
            new(2, "firn-root-a", GptTypes.LinuxRootX64, Guid.NewGuid(), 8192, 16383),
        };
        if (hasData) partitions.Add(new(Number, DiskLayout.DataPartition, GptTypes.LinuxData, Guid.NewGuid(), 16384, 20479));
        using var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite);
        file.SetLength(12 * Mebibyte);
        GptWriter.Write(new(Guid.NewGuid(), 12 * Mebibyte / 512, [.. partitions]), file);
        file.SetLength(96 * Mebibyte);
        return path;
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void It_is_grown_formatted_and_can_be_mounted_at_once(bool hasData, bool kernelKnowsIt)
    {
        HostTool.RequireRoot();
        using var disk = new LoopDevice(MakeDisk(hasData));
        if (kernelKnowsIt) HostTool.Run("addpart", disk.Path, $"{Number}", "16384", "4096");

        var result = DataPreparation.Run(disk.Path);

        Assert.Equal(disk.Partition(Number), result.Partition);
        Assert.True(result.WasFormatted);
        Assert.InRange(result.SizeBytes, 80 * Mebibyte, 90 * Mebibyte);
        using (var device = BlockDevice.Open(result.Partition, BlockAccess.ReadOnly)) Assert.Equal(result.SizeBytes, device.SizeBytes);

        // it works as a filesystem, and what is in it survives a second run and a larger disk
        var mount = Directory.CreateDirectory(Path.Combine(_directory, "mount")).FullName;
        HostTool.Run("mount", "-t", "ext4", result.Partition, mount);
        try
        {
            File.WriteAllText(Path.Combine(mount, "note"), "kept");
            Assert.Equal(Interop.Busy, Assert.Throws<ErrnoException>(() => DataPreparation.Run(disk.Path)).Errno);
        }
        finally
        {
            HostTool.Run("umount", mount);
        }
        using (var file = File.OpenWrite(Path.Combine(_directory, "disk.img"))) file.SetLength(160 * Mebibyte);
        disk.ReadSizeAnew();
        var grown = DataPreparation.Run(disk.Path);
        Assert.True(grown is { WasGrown: true, FilesystemWasGrown: true, WasFormatted: false });
        HostTool.Run("mount", "-t", "ext4", result.Partition, mount);
        try
        {
            Assert.Equal("kept", File.ReadAllText(Path.Combine(mount, "note")));
            Assert.True(new DriveInfo(mount).TotalSize > 130 * Mebibyte);
        }
        finally
        {
            HostTool.Run("umount", mount);
        }
    }

    [Fact]
    public void A_mounted_partition_is_refused_for_writing()
    {
        HostTool.RequireRoot();
        using var disk = new LoopDevice(MakeDisk(hasData: true));
        var partition = DataPreparation.Run(disk.Path).Partition;
        var mount = Directory.CreateDirectory(Path.Combine(_directory, "mount")).FullName;
        HostTool.Run("mount", "-t", "ext4", partition, mount);
        try
        {
            var error = Assert.Throws<ErrnoException>(() => BlockDevice.Open(partition, BlockAccess.Exclusive));
            Assert.Equal(Interop.Busy, error.Errno);
            Assert.Contains("mounted", error.Message);
            BlockDevice.Open(partition, BlockAccess.ReadOnly).Dispose();
        }
        finally
        {
            HostTool.Run("umount", mount);
        }
        BlockDevice.Open(partition, BlockAccess.Exclusive).Dispose();
    }

    [Fact]
    public void What_is_read_back_comes_from_the_medium()
    {
        HostTool.RequireRoot();
        var path = Path.Combine(_directory, "raw.img");
        File.WriteAllBytes(path, new byte[Mebibyte]);
        using var disk = new LoopDevice(path);
        using var device = BlockDevice.Open(disk.Path, BlockAccess.ReadWrite);
        device.Write(0, new byte[4096]);
        device.Flush();
        var read = new byte[4096];
        device.Read(0, read);
        // the medium changes behind the cache's back
        using (var file = BlockDevice.Open(path, BlockAccess.ReadWrite))
        {
            file.Write(0, [1]);
            file.Flush();
        }

        device.Read(0, read);
        Assert.Equal(0, read[0]);
        device.DropCache();
        device.Read(0, read);
        Assert.Equal(1, read[0]);
    }

    private static class Interop
    {
        public const int Busy = 16;    // EBUSY
    }
}
