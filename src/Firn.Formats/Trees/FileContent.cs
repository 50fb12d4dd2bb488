namespace Firn.Formats.Trees;

/// <summary>
/// The bytes of a regular file, wherever they are. Reads are independent of each other and may come from any thread.
/// </summary>
public abstract class FileContent
{
    public static FileContent Empty { get; } = new InMemory(ReadOnlyMemory<byte>.Empty);

    public abstract long SizeBytes { get; }

    /// <summary>Fills all of <paramref name="destination"/> with the bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="EndOfStreamException">The source holds fewer bytes than <see cref="SizeBytes"/> said.</exception>
    public abstract void Read(long offset, Span<byte> destination);

    /// <summary>
    /// The first offset at or after <paramref name="offset"/> that may hold something other than zeros, or
    /// <see cref="SizeBytes"/>; what a source that knows its holes (sparse tar, SEEK_DATA) can skip.
    /// </summary>
    public virtual long NextData(long offset) => offset;

    /// <summary>All bytes at once. Only for files known to be small: configuration, kernels, modules.</summary>
    /// <exception cref="InvalidDataException">The file is larger than <paramref name="limitBytes"/>.</exception>
    public byte[] ReadAll(int limitBytes = 256 << 20)
    {
        if (SizeBytes > limitBytes)
            throw new InvalidDataException($"file of {SizeBytes} bytes is larger than the {limitBytes} expected here");
        var bytes = new byte[SizeBytes];
        Read(0, bytes);
        return bytes;
    }

    public static FileContent Of(ReadOnlyMemory<byte> bytes) => bytes.IsEmpty ? Empty : new InMemory(bytes);
    public static FileContent Of(string text) => Of(System.Text.Encoding.UTF8.GetBytes(text));

    private sealed class InMemory(ReadOnlyMemory<byte> bytes) : FileContent
    {
        public override long SizeBytes => bytes.Length;
        public override void Read(long offset, Span<byte> destination)
        {
            if (offset + destination.Length > bytes.Length) throw new EndOfStreamException();
            bytes.Span.Slice((int)offset, destination.Length).CopyTo(destination);
        }
    }
}
