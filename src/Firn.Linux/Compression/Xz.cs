using Firn.Linux.Interop;

namespace Firn.Linux.Compression;

/// <summary>Decompresses blocks that are .xz streams of their own, with the liblzma of this machine.</summary>
public static class Xz
{
    private const ulong MemoryLimit = 64 << 20;    // a dictionary larger than any block makes no sense

    /// <summary>The number of bytes written. Never writes more than the destination holds.</summary>
    /// <exception cref="InvalidDataException">The source is not a whole stream, or holds more than fits.</exception>
    /// <exception cref="FileNotFoundException">liblzma is not installed.</exception>
    public static unsafe int Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        nuint read = 0, written = 0;
        var limit = MemoryLimit;
        LibLzma.Result result;
        try
        {
            fixed (byte* from = source)
            fixed (byte* to = destination)
                result = LibLzma.Decode(
                    ref limit, 0, 0, from, ref read, (nuint)source.Length, to, ref written, (nuint)destination.Length);
        }
        catch (DllNotFoundException)
        {
            throw new FileNotFoundException("liblzma.so.5 is not installed, and this is compressed with xz; install the package liblzma5");
        }
        return result switch
        {
            LibLzma.Result.Ok when read == (nuint)source.Length => (int)written,
            LibLzma.Result.OutOfMemory => throw new InsufficientMemoryException("xz decompression: allocation error"),
            _ => throw new InvalidDataException($"xz data: damaged (liblzma says {(int)result})"),
        };
    }
}
