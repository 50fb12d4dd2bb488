namespace Firn.Linux.Block;

/// <summary>
/// A disk, a partition or an image file. Everything Firn writes to a machine's disk passes through here, so that the
/// sequence of writes and flushes can be recorded, checked and broken on purpose.
/// </summary>
public interface IBlockDevice : IDisposable
{
    /// <summary>For messages: <c>/dev/vda3</c>, <c>disk.img</c>.</summary>
    string Name { get; }
    long SizeBytes { get; }

    /// <summary>Whether reads come from the medium, and not from what memory holds of it.</summary>
    bool ReadsMedium => false;

    /// <exception cref="EndOfStreamException">The range is not wholly within the device.</exception>
    void Read(long offset, Span<byte> destination);

    void Write(long offset, ReadOnlySpan<byte> source);

    /// <summary>Returns when all that was written before is on the medium.</summary>
    void Flush();

    /// <summary>Flushes, then forgets what is held in memory, so that the next reads come from the medium.</summary>
    void DropCache();
}
