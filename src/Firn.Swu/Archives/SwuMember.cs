namespace Firn.Swu.Archives;

/// <summary>A file in an archive.</summary>
/// <param name="name">Plain, without directories.</param>
/// <param name="offset">Of its first byte in the archive.</param>
/// <param name="sizeBytes">Of its content.</param>
public sealed class SwuMember(string name, long offset, long sizeBytes)
{
    public string Name => name;
    public long Offset => offset;
    public long SizeBytes => sizeBytes;
}
