using Firn.Formats.Boot;
using Firn.Linux.Block;
using Firn.Machine.Boot;

namespace Firn.Tests.Machine.Boot;

public sealed class ImageDiskTests
{
    [Fact]
    public void Partitions_of_an_image_file_are_its_slices()
    {
        using var scratch = new Formats.ScratchDirectory();
        var content = TestDisk.Make();
        var disk = MachineDisk.OfImage(scratch.Write("disk.img", content));

        Assert.Null(disk.Running);
        Assert.False(disk.HasPartition(DiskLayout.BootPartition(Slot.Rescue)));
        using var root = disk.OpenPartition(DiskLayout.RootPartition(Slot.A), BlockAccess.ReadOnly);
        var bytes = new byte[root.SizeBytes];
        root.Read(0, bytes);
        Assert.True(TestDisk.Partition(content, DiskLayout.RootPartition(Slot.A)).SequenceEqual(bytes));
        Assert.Throws<InvalidDataException>(() => disk.OpenPartition("firn-boot-x", BlockAccess.ReadOnly));
    }

    [Fact]
    public void An_image_has_one_lock()
    {
        using var scratch = new Formats.ScratchDirectory();
        var path = scratch.Write("disk.img", TestDisk.Make());

        using (MachineDisk.OfImage(path).Lock())
            Assert.Throws<RefusedException>(() => MachineDisk.OfImage(path).Lock());

        MachineDisk.OfImage(path).Lock().Dispose();
    }

    [Fact]
    public void A_file_that_is_no_disk_is_named()
    {
        using var scratch = new Formats.ScratchDirectory();
        var path = scratch.Write("disk.img", new byte[100_000]);

        Assert.Contains("disk.img", Assert.Throws<InvalidDataException>(() => MachineDisk.OfImage(path)).Message);
    }
}
