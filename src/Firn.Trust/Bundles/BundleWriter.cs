using Firn.Formats.Tar;
using Firn.Formats.Trees;

namespace Firn.Trust.Bundles;

/// <summary>A file that goes into a bundle.</summary>
/// <param name="Path">e.g. <c>metadata/1.root.json</c> or <c>targets/stable/HASH.manifest.json</c>.</param>
/// <param name="Content">Its bytes.</param>
public sealed record BundleFile(string Path, FileContent Content);

/// <summary>Writes a bundle: a plain tar, what it is first, then metadata, then targets. The same files are the same bytes.</summary>
public static class BundleWriter
{
    /// <param name="output">Written in order, never sought.</param>
    public static void Write(Stream output, BundleFormat format, IEnumerable<BundleFile> files)
    {
        var tree = new FileTree();
        Put(new(BundleFormat.FileName, FileContent.Of(format.ToBytes())));
        foreach (var file in files) Put(file);
        TarWriter.Write(tree, output);

        // tar puts names in the order of bytes: bundle.json, metadata/, targets/
        void Put(BundleFile file) => tree.Put(file.Path, new(FileKind.File) { Content = file.Content, Mode = 0x1a4 });
    }
}
