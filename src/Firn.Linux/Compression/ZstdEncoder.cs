using System.Globalization;
using System.Security.Cryptography;

namespace Firn.Linux.Compression;

/// <summary>
/// Compressors by a name that says all that their bytes depend on: version of the library, level, and the hash of a probe,
/// which tells libraries apart that only call themselves the same.
/// </summary>
public static class ZstdEncoder
{
    private const int ProbeBytes = 128 << 10;
    private const int HashBytes = 8;

    /// <summary>e.g. <c>zstd 1.5.4 level 9 probe 0123456789abcdef</c>.</summary>
    public static string NameOf(int level)
    {
        using var compressor = new ZstdCompressor(level);
        var compressed = new byte[ProbeBytes];
        var size = compressor.Compress(Probe(), compressed);
        var hash = Convert.ToHexStringLower(SHA256.HashData(compressed.AsSpan(0, size)).AsSpan(0, HashBytes));
        return string.Create(CultureInfo.InvariantCulture, $"zstd {Zstd.Version} level {level} probe {hash}");
    }

    /// <summary>Null if the library of this machine compresses otherwise.</summary>
    public static ZstdCompressor? TryOpen(string name) =>
        name.Split(' ') is ["zstd", var version, "level", var number, "probe", _] && version == Zstd.Version
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var level) && level >= 1 && level <= Zstd.MaximumLevel
        && NameOf(level) == name
            ? new(level)
            : null;

    /// <summary>Something like code: pieces of few kinds in no order, and noise between.</summary>
    private static byte[] Probe()
    {
        const int NoiseBytes = 4096, LongestPiece = 64;
        var probe = new byte[ProbeBytes];
        var state = 1u;
        for (var filled = 0; filled < probe.Length;)
        {
            state = state * 1664525 + 1013904223;
            if (filled < NoiseBytes || state >> 28 == 0) probe[filled++] = (byte)(state >> 20);
            else
            {
                var piece = probe.AsSpan((int)(state >> 20) % (NoiseBytes - LongestPiece), (int)(state >> 8) % LongestPiece);
                piece = piece[..Math.Min(piece.Length, probe.Length - filled)];
                piece.CopyTo(probe.AsSpan(filled));
                filled += piece.Length;
            }
        }
        return probe;
    }
}
