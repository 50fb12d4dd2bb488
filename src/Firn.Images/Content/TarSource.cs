using System.IO.Compression;
using System.Security.Cryptography;
using Firn.Formats.Tar;
using Firn.Formats.Trees;
using Firn.Images.Building;
using Firn.Linux.Compression;

namespace Firn.Images.Content;

/// <summary>
/// A tar archive, told by its first bytes to be plain, gzip, zstd or xz. A plain one is read where it is; others are
/// unpacked into the spool area first, because contents are read out of order and more than once.
/// </summary>
internal static class TarSource
{
    /// <exception cref="InvalidDataException">Not an archive, damaged, or hostile; the message names the file.</exception>
    /// <exception cref="ToolException">It is compressed with xz, which is not installed.</exception>
    public static FileTree Load(string path, SpoolArea spool, Action<string> step) => Load(Open(path, spool), path, spool, step);

    /// <inheritdoc cref="Load(string, SpoolArea, Action{string})"/>
    public static FileTree Load(FileContent file, string name, SpoolArea spool, Action<string> step) => Named(name, () =>
    {
        var tar = Unpack(file, name, spool, step);
        return TarReader.Read(new ContentStream(tar), Slices(tar));
    });

    public static FileContent Open(string path, SpoolArea spool) => new OpenFile(spool.Keep(File.OpenHandle(path)));

    public static Func<long, long, FileContent> Slices(FileContent tar) => (offset, size) => new ContentSlice(tar, offset, size);

    /// <summary>Content without its compression.</summary>
    /// <param name="subject">For messages.</param>
    public static FileContent Unpack(FileContent file, string subject, SpoolArea spool, Action<string> step)
    {
        var magic = new byte[Math.Min(6, file.SizeBytes)];
        file.Read(0, magic);
        var source = new ContentStream(file);
        if (magic.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b])) return Spool(new GZipStream(source, CompressionMode.Decompress).CopyTo);
        if (magic.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd])) return Spool(new ZstdDecompressStream(source).CopyTo);
        if (magic.AsSpan().SequenceEqual((ReadOnlySpan<byte>)[0xfd, .. "7zXZ\0"u8])) return Spool(unpacked => Unxz(source, subject, unpacked));
        return file;

        OpenFile Spool(Action<Stream> copyTo)
        {
            step($"unpack {Path.GetFileName(subject)}");
            var unpacked = spool.NewFile("unpacked.tar");
            copyTo(unpacked);
            unpacked.Flush();
            return new(unpacked.SafeFileHandle);
        }
    }

    public static string Sha256(FileContent content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(new ContentStream(content)))}";

    /// <summary>Puts the name of the file before what is wrong with it.</summary>
    public static T Named<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new InvalidDataException($"{name}: {error.Message}", error);
        }
    }

    private static void Unxz(Stream source, string subject, Stream unpacked)
    {
        var xz = new BuildProgram("xz", "xz-utils") { Input = input => source.CopyTo(input, 1 << 20), Output = unpacked };
        if (xz.RunToEnd(["--decompress", "--stdout"]) is not 0) throw new InvalidDataException($"not read by xz: {xz.Tail}");
    }
}
