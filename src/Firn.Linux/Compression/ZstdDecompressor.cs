using Firn.Linux.Interop;

namespace Firn.Linux.Compression;

/// <summary>Decompresses blocks whose greatest size is known. For one thread at a time.</summary>
public sealed class ZstdDecompressor : IDisposable
{
    private readonly LibZstd.DecompressionContext _context = LibZstd.CreateDecompressionContext();

    public ZstdDecompressor()
    {
        if (_context.IsInvalid) throw new InsufficientMemoryException("zstd decompression: allocation error");
    }

    /// <summary>The number of bytes written. Never writes, or allocates, more than the destination holds.</summary>
    /// <exception cref="InvalidDataException">The source is not whole frames, or holds more than fits.</exception>
    public unsafe int Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        fixed (byte* from = source)
        fixed (byte* to = destination)
            return (int)Zstd.CheckDecompression(
                LibZstd.Decompress(_context, to, (nuint)destination.Length, from, (nuint)source.Length));
    }

    public void Dispose() => _context.Dispose();
}
