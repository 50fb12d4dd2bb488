namespace Firn.Linux.Block;

/// <summary>A range of another device, such as a partition of an image file.</summary>
public sealed class BlockDeviceSlice : IBlockDevice
{
    private readonly IBlockDevice _device;
    private readonly long _offset;
    private readonly bool _ownsDevice;

    /// <param name="device">What this is a part of.</param>
    /// <param name="name">For messages.</param>
    /// <param name="offset">In bytes.</param>
    /// <param name="sizeBytes">Of the slice.</param>
    /// <param name="ownsDevice">Disposing the slice disposes the device.</param>
    /// <exception cref="InvalidDataException">The range is not within the device.</exception>
    public BlockDeviceSlice(IBlockDevice device, string name, long offset, long sizeBytes, bool ownsDevice = false)
    {
        if (offset < 0 || sizeBytes < 0 || offset > device.SizeBytes - sizeBytes)
            throw new InvalidDataException(
                $"{name}: bytes {offset} to {offset + sizeBytes} are beyond the end of {device.Name} ({device.SizeBytes})");
        (_device, _offset, Name, SizeBytes, _ownsDevice) = (device, offset, name, sizeBytes, ownsDevice);
    }

    public string Name { get; }
    public long SizeBytes { get; }
    public bool ReadsMedium => _device.ReadsMedium;

    public void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        _device.Read(_offset + offset, destination);
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        CheckRange(offset, source.Length);
        _device.Write(_offset + offset, source);
    }

    public void Flush() => _device.Flush();
    public void DropCache() => _device.DropCache();

    private void CheckRange(long offset, int length)
    {
        if (offset < 0 || offset > SizeBytes - length)
            throw new EndOfStreamException($"{Name}: bytes {offset} to {offset + length} are not within its {SizeBytes}");
    }

    public void Dispose()
    {
        if (_ownsDevice) _device.Dispose();
    }
}
