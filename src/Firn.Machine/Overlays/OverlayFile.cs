using System.IO.Compression;
using System.Runtime.InteropServices;
using Firn.Formats.Overlays;
using Firn.Formats.Trees;
using Firn.Linux.Compression;

namespace Firn.Machine.Overlays;

/// <summary>
/// An overlay as it is stored and sent: a tar archive, and around it what its first bytes tell: zstd, gzip or zlib, encryption,
/// base64.
/// </summary>
public static class OverlayFile
{
    /// <summary>base64(encrypted(compressed(tar))) is all that anybody makes; more is made to keep a machine busy.</summary>
    private const int MaximumWraps = 4;

    private const int MaximumArchiveBytes = (int)OverlayRules.MaximumUnpackedBytes + (64 << 20);    // headers of tar

    /// <param name="content">Without its signature.</param>
    /// <exception cref="InvalidDataException">Damaged, for somebody else, or what no machine must take.</exception>
    public static Overlay Open(ReadOnlyMemory<byte> content, OverlayKeys keys)
    {
        for (var wraps = 0; wraps < MaximumWraps; wraps++)
        {
            if (IsArchive(content.Span)) return ReadArchive(content);
            content = Unwrap(content, keys);
        }
        throw new InvalidDataException($"overlay: wrapped more than {MaximumWraps} times");
    }

    private static Overlay ReadArchive(ReadOnlyMemory<byte> tar) => Overlay.Read(
        Reader(tar), (offset, size) => FileContent.Of(tar.Slice((int)offset, (int)size)));

    private static bool IsArchive(ReadOnlySpan<byte> bytes) => bytes.Length > 262 && bytes[257..].StartsWith("ustar"u8);

    private static ReadOnlyMemory<byte> Unwrap(ReadOnlyMemory<byte> content, OverlayKeys keys)
    {
        var bytes = content.Span;
        if (bytes.StartsWith(SealedHeader.Magic))
        {
            using var key = keys.OpenKey();
            return OverlaySeal.Open(content, key);
        }
        if (bytes.StartsWith(OpenSslCipher.Magic)) return OpenSslCipher.Decrypt(bytes, keys.Passphrase, keys.Iterations);
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b])) return Decompress(content, from => new GZipStream(from, CompressionMode.Decompress));
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd])) return Decompress(content, from => new ZstdDecompressStream(from));
        if (bytes.Length > 2 && (bytes[0] & 0x8f) == 8 && (bytes[0] << 8 | bytes[1]) % 31 == 0 && (bytes[1] & 0x20) == 0)    // RFC 1950
            return Decompress(content, from => new ZLibStream(from, CompressionMode.Decompress));
        if (OverlayText.IsBase64(bytes)) return OverlayText.FromBase64(bytes);
        throw new InvalidDataException(
            bytes.IsEmpty ? "overlay: is empty" : "overlay: neither a tar archive nor anything that one is wrapped in (zstd, gzip, zlib, encryption, base64)");
    }

    private static ReadOnlyMemory<byte> Decompress(ReadOnlyMemory<byte> content, Func<Stream, Stream> open)
    {
        // measured first: nothing is allocated for what is refused, and nothing is copied while it grows
        var plain = new byte[Measure(content, open)];
        using var decompressed = open(Reader(content));
        decompressed.ReadExactly(plain);
        return plain;
    }

    private static int Measure(ReadOnlyMemory<byte> content, Func<Stream, Stream> open)
    {
        using var decompressed = open(Reader(content));
        var buffer = new byte[64 << 10];
        var total = 0;
        for (int count; (count = decompressed.Read(buffer)) > 0;)
            if ((total += count) > MaximumArchiveBytes) throw new InvalidDataException($"overlay: unpacks to more than {MaximumArchiveBytes} bytes");
        return total;
    }

    private static MemoryStream Reader(ReadOnlyMemory<byte> content) =>
        MemoryMarshal.TryGetArray(content, out var array) ? new(array.Array!, array.Offset, array.Count, writable: false) : new(content.ToArray(), writable: false);
}
