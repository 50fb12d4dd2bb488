using Firn.Formats.Tar;
using Firn.Formats.Trees;

namespace Firn.Images.Content;

/// <summary>
/// Lays one layer over the tree of those below. OCI Image Format Specification 1.1, "Image Layer Filesystem Changeset":
/// <c>.wh.NAME</c> takes NAME of lower layers away, <c>.wh..wh..opq</c> all that lower layers have in its directory.
/// What the same layer adds stays, wherever in the archive it stands: so whiteouts come first.
/// </summary>
internal static class OciLayer
{
    private static readonly byte[] Whiteout = [.. ".wh."u8], Opaque = [.. ".wh..wh..opq"u8], Reserved = [.. ".wh..wh."u8];

    /// <exception cref="InvalidDataException">Not a tar archive, damaged, or hostile.</exception>
    public static void Apply(FileContent tar, FileTree tree)
    {
        var target = new TarTree(tree);
        var added = new List<TarEntry>();
        foreach (var entry in TarReader.Entries(new ContentStream(tar)))
        {
            var name = LastName(entry);
            if (!name.Span.StartsWith(Whiteout)) added.Add(entry);
            else if (target.Find(entry) is var (directory, _)) Hide(directory, name);
        }
        var slices = TarSource.Slices(tar);
        foreach (var entry in added) target.Add(entry, slices);
    }

    private static void Hide(FileNode directory, ByteString name)
    {
        if (name.Span.SequenceEqual(Opaque)) directory.Children.Clear();
        else if (!name.Span.StartsWith(Reserved)) directory.Children.Remove(new(name.Span[Whiteout.Length..]));
    }

    private static ByteString LastName(TarEntry entry)
    {
        var path = entry.Name.Span.TrimEnd((byte)'/');
        return new(path[(path.LastIndexOf((byte)'/') + 1)..]);
    }
}
