using System.IO.Compression;
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

    private const long MaximumArchiveBytes = OverlayRules.MaximumUnpackedBytes + (64L << 20);    // headers of tar

    /// <param name="content">Without its signature.</param>
    /// <exception cref="InvalidDataException">Damaged, for somebody else, or what no machine must take.</exception>
    public static Overlay Open(ReadOnlyMemory<byte> content, OverlayKeys keys)
    {
        for (var wraps = 0; wraps < MaximumWraps; wraps++)
        {
            if (Unwrap(content, keys) is not { } inner) return ReadArchive(content);
            content = inner;
        }
        throw new InvalidDataException($"overlay: wrapped more than {MaximumWraps} times");
    }

    private static Overlay ReadArchive(ReadOnlyMemory<byte> tar) => Overlay.Read(
        new MemoryStream(tar.ToArray(), writable: false), (offset, size) => FileContent.Of(tar.Slice((int)offset, (int)size)));

    private static ReadOnlyMemory<byte>? Unwrap(ReadOnlyMemory<byte> content, OverlayKeys keys)
    {
        var bytes = content.Span;
        if (bytes.Length > 262 && bytes[257..].StartsWith("ustar"u8)) return null;
        if (bytes.StartsWith(SealedHeader.Magic))
        {
            using var key = keys.OpenKey();
            return OverlaySeal.Open(content, key);
        }
        if (bytes.StartsWith(OpenSslCipher.Magic)) return OpenSslCipher.Decrypt(bytes, keys.Passphrase, keys.Iterations);
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b])) return Decompress(new GZipStream(Reader(content), CompressionMode.Decompress));
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd])) return Decompress(new ZstdDecompressStream(Reader(content)));
        if (bytes.Length > 2 && (bytes[0] & 0x8f) == 8 && (bytes[0] << 8 | bytes[1]) % 31 == 0 && (bytes[1] & 0x20) == 0)    // RFC 1950
            return Decompress(new ZLibStream(Reader(content), CompressionMode.Decompress));
        return OverlayText.IsBase64(bytes) ? OverlayText.FromBase64(bytes) : null;
    }

    private static MemoryStream Reader(ReadOnlyMemory<byte> content) => new(content.ToArray(), writable: false);

    private static ReadOnlyMemory<byte> Decompress(Stream compressed)
    {
        using (compressed)
        {
            var plain = new MemoryStream();
            var buffer = new byte[64 << 10];
            for (int count; (count = compressed.Read(buffer)) > 0; plain.Write(buffer, 0, count))
                if (plain.Length + count > MaximumArchiveBytes)
                    throw new InvalidDataException($"overlay: unpacks to more than {MaximumArchiveBytes} bytes");
            return plain.GetBuffer().AsMemory(0, (int)plain.Length);
        }
    }
}
