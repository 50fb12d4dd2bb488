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

    /// <summary>The same for all paths in the text of modules.dep.</summary>
    public static string PlainNames(string text) =>
        Compressions.Aggregate(text, (changed, ending) => changed.Replace($".ko{ending}", ".ko", StringComparison.Ordinal));

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
