using Firn.Linux.Interop;

namespace Firn.Linux.Compression;

/// <summary>
/// Compresses blocks, each to one frame without checksum. For one thread at a time; the result depends on bytes, level
/// and library version only.
/// </summary>
public sealed class ZstdCompressor : IDisposable
{
    private readonly LibZstd.CompressionContext _context;
    private readonly int _level;

    public ZstdCompressor(int level)
    {
        Zstd.CheckLevel(level);
        _level = level;
        _context = LibZstd.CreateCompressionContext();
        if (_context.IsInvalid) throw new InsufficientMemoryException("zstd compression: allocation error");
    }

    /// <summary>
    /// The compressed size, or 0 when the result does not fit into <paramref name="destination"/>: a destination one
    /// byte shorter than the source asks for what is worth keeping.
    /// </summary>
    public unsafe int Compress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        fixed (byte* from = source)
        fixed (byte* to = destination)
        {
            var size = LibZstd.Compress(_context, to, (nuint)destination.Length, from, (nuint)source.Length, _level);
            if (LibZstd.IsError(size) && LibZstd.GetErrorCode(size) == LibZstd.ErrorCode.DestinationTooSmall) return 0;
            return (int)Zstd.CheckCompression(size);
        }
    }

    public void Dispose() => _context.Dispose();
}
