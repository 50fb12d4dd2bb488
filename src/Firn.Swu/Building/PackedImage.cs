using System.Security.Cryptography;
using Firn.Formats.Releases;
using Firn.Linux.Compression;
using Firn.Swu.Archives;

namespace Firn.Swu.Building;

/// <summary>An image as it goes into an archive: what the archive and the description say of it.</summary>
internal sealed class PackedImage
{
    /// <summary>In the archive.</summary>
    public required string Name { get; init; }

    /// <summary>Where its bytes are.</summary>
    public required string File { get; init; }

    public required uint SizeBytes { get; init; }

    /// <summary>Of these bytes, as the archive wants it.</summary>
    public required uint Sum { get; init; }

    public required string Sha256 { get; init; }

    private const int Level = 9;
    private const int BufferBytes = 1 << 20;

    /// <param name="image">Of the release.</param>
    /// <param name="directory">Of the release.</param>
    /// <param name="compressed">Where a compressed copy goes; null for none.</param>
    /// <exception cref="InvalidDataException">The file is not the one that the manifest means, or too large for the format.</exception>
    public static PackedImage Of(ReleaseImage image, string directory, string? compressed)
    {
        var path = Path.Combine(directory, image.File);
        var plain = Measure(image.File, path);
        if (plain.Sha256 != image.Sha256) throw new InvalidDataException($"{path} has SHA-256 {plain.Sha256}, its manifest says {image.Sha256}");
        if (compressed is null) return plain;
        using (var from = System.IO.File.OpenRead(path))
        using (var to = System.IO.File.Create(compressed))
        using (var stream = new ZstdCompressStream(to, Level))
            from.CopyTo(stream, BufferBytes);
        return Measure($"{image.File}.zst", compressed);
    }

    private static PackedImage Measure(string name, string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (file.Length > uint.MaxValue) throw new InvalidDataException($"{path}: no file of 4 GiB or more fits into a .swu file");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        uint sum = 0;
        for (int count; (count = file.Read(buffer)) > 0;)
        {
            hash.AppendData(buffer, 0, count);
            sum = SwuArchiveWriter.Sum(sum, buffer.AsSpan(0, count));
        }
        return new()
        {
            Name = name,
            File = path,
            SizeBytes = (uint)file.Length,
            Sum = sum,
            Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset()),
        };
    }
}
