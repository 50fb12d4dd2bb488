using Firn.Formats.Gpt;
using Firn.Linux.Block;

namespace Firn.Machine.Boot;

internal sealed class ImageDisk : MachineDisk
{
    private readonly GptTable _table;

    /// <exception cref="InvalidDataException">There is no valid partition table.</exception>
    public ImageDisk(string path)
    {
        Name = path;
        using var device = BlockDevice.Open(path, BlockAccess.ReadOnly);
        try
        {
            _table = GptReader.Read(new BlockDeviceStream(device));
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{path}: {error.Message}", error);
        }
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
