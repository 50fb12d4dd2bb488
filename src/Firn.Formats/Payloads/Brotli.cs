using System.IO.Compression;

namespace Firn.Formats.Payloads;

internal static class Brotli
{
    private const int Quality = 11;
    private const int WindowBits = 22;    // what every decoder takes: 4 MiB

    public static byte[] Compress(ReadOnlySpan<byte> plain)
    {
        var compressed = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        if (!BrotliEncoder.TryCompress(plain, compressed, out var size, Quality, WindowBits)) throw new InvalidOperationException("brotli did not compress");
        return compressed[..size];
    }
}
