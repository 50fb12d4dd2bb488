using System.IO.Compression;
using Firn.Images.Building;
using Firn.Linux.Compression;

namespace Firn.Images.Content;

/// <summary>A kernel module as a distribution stores it; the initramfs holds modules plain, its whole is compressed.</summary>
internal static class ModuleFile
{
    private static readonly string[] Compressions = [".xz", ".zst", ".gz"];

    /// <summary>The path without the ending that says how it is compressed.</summary>
    public static string PlainName(string path) =>
        Compressions.FirstOrDefault(path.EndsWith) is { } ending ? path[..^ending.Length] : path;

    public static byte[] Decompress(string path, byte[] stored)
    {
        switch (Path.GetExtension(path))
        {
            case ".gz": return Drain(new GZipStream(new MemoryStream(stored), CompressionMode.Decompress));
            case ".zst": return Drain(new ZstdDecompressStream(new MemoryStream(stored)));
            case ".xz": return Tool.Filter("xz", "xz-utils", ["-dc"], stored);
            default: return stored;
        }
    }

    private static byte[] Drain(Stream stream)
    {
        using (stream)
        using (var plain = new MemoryStream())
        {
            stream.CopyTo(plain);
            return plain.ToArray();
        }
    }
}
