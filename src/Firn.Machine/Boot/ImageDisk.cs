using Firn.Formats.Gpt;
using Firn.Linux.Block;

namespace Firn.Machine.Boot;

internal sealed class ImageDisk : MachineDisk
{
    private readonly GptTable _table;

    /// <exception cref="InvalidDataException">There is no valid partition table.</exception>
    /// <exception cref="RefusedException">It is a device of the kernel.</exception>
    public ImageDisk(string path)
    {
        Name = path;
        using var device = BlockDevice.Open(path, BlockAccess.ReadOnly);
        // what the kernel caches of a disk and of its partitions differs: a device is read and written by partition only
        if (!device.IsFile)
            throw new RefusedException($"{path} is a device: --disk takes image files, and without it firn works on the disk this system runs from");
        _table = DiskTable.Read(device);
    }

    public override string Name { get; }
    public override RunningBoot? Running => null;
    public override bool HasPartition(string name) => _table.Find(name) is not null;

    public override IBlockDevice OpenPartition(string name, BlockAccess access)
    {
        var partition = _table.Find(name) ?? throw new InvalidDataException($"{Name}: has no partition {name}");
        var device = BlockDevice.Open(Name, access);
        try
        {
            return new BlockDeviceSlice(
                device, $"{Name}:{name}", partition.OffsetBytes, partition.SizeBytes, ownsDevice: true);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    protected override IDisposable? TryLock()
    {
        var device = BlockDevice.Open(Name, BlockAccess.ReadWrite);
        if (device.TryLock()) return device;
        device.Dispose();
        return null;
    }
}
