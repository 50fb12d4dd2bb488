using Firn.Formats.Trees;
using Firn.Images.Content;

namespace Firn.Images.RootImages;

/// <summary>Where a tree comes from, as <see cref="SquashSource"/> can tell them apart.</summary>
public enum SourceKind { Tar, Directory, Oci, SquashFs }

/// <summary>A source as a person names it: a path, or <c>-</c> for a tar archive on standard input.</summary>
internal static class SquashSource
{
    public const string StandardInput = "-";

    /// <param name="path">As given.</param>
    /// <param name="kind">Null to look at what is there.</param>
    /// <param name="tag">Of an OCI image; null when there is one only.</param>
    /// <param name="spool">Holds what is opened and unpacked.</param>
    /// <param name="step">Told what is being done.</param>
    public static FileTree Load(string path, SourceKind? kind, string? tag, SpoolArea spool, Action<string> step)
    {
        if (path == StandardInput) return LoadStandardInput(spool, step);
        switch (kind ?? Detect(path, tag, spool))
        {
            case SourceKind.Directory: return DirectorySource.Load(path);
            case SourceKind.Oci: return OciSource.Load(new(path, tag), spool, step).Tree;
            case SourceKind.SquashFs: return spool.Keep(SquashImage.Open(path)).ReadTree();
        }
        var tree = TarSource.Load(path, spool, step);
        return kind is null && IsOciLayout(tree) ? OciSource.Load(new(path, tag), spool, step).Tree : tree;
    }

    private static SourceKind Detect(string path, string? tag, SpoolArea spool)
    {
        if (Directory.Exists(path))
            return tag is not null || File.Exists(Path.Combine(path, "oci-layout")) && Directory.Exists(Path.Combine(path, "blobs"))
                ? SourceKind.Oci : SourceKind.Directory;
        if (tag is not null) return SourceKind.Oci;
        var file = TarSource.Open(path, spool);
        var magic = new byte[Math.Min(4, file.SizeBytes)];
        file.Read(0, magic);
        return magic.AsSpan().SequenceEqual("hsqs"u8) ? SourceKind.SquashFs : SourceKind.Tar;
    }

    private static bool IsOciLayout(FileTree tree) =>
        tree.Find("oci-layout") is { Kind: FileKind.File } && tree.Find("blobs") is { IsDirectory: true };

    // Contents are read out of order and more than once: what comes through a pipe is put into a file first.
    private static FileTree LoadStandardInput(SpoolArea spool, Action<string> step)
    {
        using var input = Console.OpenStandardInput();
        step("read standard input");
        var copy = spool.NewFile("stdin.tar");
        input.CopyTo(copy, 1 << 20);
        copy.Flush();
        return TarSource.Load(new OpenFile(copy.SafeFileHandle), "standard input", spool, step);
    }
}
