using Firn.Formats.Trees;

namespace Firn.Formats.Tar;

/// <summary>
/// Builds a tree from members, as unpacking them one after the other would: a later member of the same name wins, a
/// directory that comes again keeps what is in it. Nothing leads out of the tree: names are taken from its root,
/// <c>..</c> is refused, and symbolic links on the way are followed as inside a chroot.
/// </summary>
public sealed class TarTree(FileTree tree)
{
    /// <summary>Linux refuses longer names and paths; deeper trees than paths can name have no use but harm.</summary>
    private const int MaximumNameBytes = 255, MaximumPathBytes = 4096, MaximumDepth = 2048, MaximumLinks = 40;

    private readonly Stack<FileNode> _walked = new();
    private readonly Stack<ByteString> _pending = new();

    public FileTree Tree { get; } = tree;

    /// <param name="entry">A member; its parents are made (0755, root) where they are missing.</param>
    /// <param name="content">Makes the content of a file from the offset and number of its bytes in the archive.</param>
    /// <exception cref="InvalidDataException">The name or link is one that Linux or safety does not allow.</exception>
    public void Add(TarEntry entry, Func<long, long, FileContent> content)
    {
        var names = Split(entry.Name, entry);
        if (names.Count == 0)
        {
            if (entry.IsHardLink || entry.Kind != FileKind.Directory) throw Bad(entry, "is not a directory but takes the place of the root");
            Describe(Tree.Root, entry);
            return;
        }
        var parent = Parent(names, entry, make: true)!;
        if (entry.IsHardLink)
        {
            parent.Children[names[^1]] = Linked(entry);
            return;
        }
        if (entry.Kind == FileKind.Directory && parent.Children.TryGetValue(names[^1], out var known) && known.IsDirectory)
        {
            Describe(known, entry);
            return;
        }
        parent.Children[names[^1]] = Describe(new(entry.Kind), entry, content);
    }

    /// <summary>The directory a member's name stands in, with its last part; null where nothing is there.</summary>
    /// <exception cref="InvalidDataException">As <see cref="Add"/>.</exception>
    public (FileNode Directory, ByteString Name)? Find(TarEntry entry)
    {
        var names = Split(entry.Name, entry);
        if (names.Count == 0) return null;
        return Parent(names, entry, make: false) is { } parent ? (parent, names[^1]) : null;
    }

    private FileNode Linked(TarEntry entry)
    {
        var names = Split(entry.LinkTarget, entry);
        if (names.Count > 0 && Parent(names, entry, make: false) is { } parent &&
            parent.Children.TryGetValue(names[^1], out var target))
            return target.IsDirectory ? throw Bad(entry, $"is a hard link to the directory '{entry.LinkTarget}'") : target;
        throw Bad(entry, $"is a hard link to '{entry.LinkTarget}', which is not in the archive before it");
    }

    /// <summary>Walks to the directory of the last name; null when it is missing and not to be made.</summary>
    private FileNode? Parent(List<ByteString> names, TarEntry entry, bool make)
    {
        BeginAtRoot();
        _pending.Clear();
        for (var i = names.Count - 2; i >= 0; i--) _pending.Push(names[i]);
        for (var links = 0; _pending.TryPop(out var name);)
        {
            if (IsParent(name))    // of a link, as in the kernel: the root is its own parent
            {
                if (_walked.Count > 1) _walked.Pop();
                continue;
            }
            if (!_walked.Peek().Children.TryGetValue(name, out var node))
            {
                if (!make) return null;
                _walked.Peek().Children[name] = node = new(FileKind.Directory);
            }
            if (node.IsDirectory)
            {
                _walked.Push(node);
                if (_walked.Count > MaximumDepth) throw Bad(entry, $"lies more than {MaximumDepth} directories deep");
                continue;
            }
            if (node.Kind != FileKind.Symlink) throw Bad(entry, $"lies in '{name}', which is not a directory");
            if (++links > MaximumLinks) throw Bad(entry, "lies beyond too many symbolic links");
            if (node.LinkTarget.Span.StartsWith("/"u8)) BeginAtRoot();
            foreach (var part in Enumerable.Reverse(Parts(node.LinkTarget))) _pending.Push(part);
        }
        return _walked.Peek();
    }

    private void BeginAtRoot()
    {
        _walked.Clear();
        _walked.Push(Tree.Root);
    }

    private static bool IsParent(ByteString name) => name.Span.SequenceEqual(".."u8);

    private static FileNode Describe(FileNode node, TarEntry entry, Func<long, long, FileContent>? content = null)
    {
        node.Mode = node.Kind == FileKind.Symlink ? 0x1ff : entry.Mode;    // Linux knows no other for links
        (node.Uid, node.Gid, node.ModifiedSeconds) = (entry.Uid, entry.Gid, entry.ModifiedSeconds);
        node.Attributes = entry.Attributes;
        switch (node.Kind)
        {
            case FileKind.Symlink:
                if (entry.LinkTarget.Length is 0 or >= MaximumPathBytes || entry.LinkTarget.Span.Contains((byte)0))
                    throw Bad(entry, $"is a symbolic link with a target of {entry.LinkTarget.Length} bytes, expected 1 to {MaximumPathBytes - 1} without NUL");
                node.LinkTarget = entry.LinkTarget;
                break;
            case FileKind.CharacterDevice or FileKind.BlockDevice:
                if (entry.Device.Major > 0xfff || entry.Device.Minor > 0xfffff)    // makedev(3), as the kernel packs it
                    throw Bad(entry, $"is the device {entry.Device.Major}:{entry.Device.Minor}, which Linux cannot have");
                node.Device = entry.Device;
                break;
            case FileKind.File when entry.FileSizeBytes > 0 && content is not null:
                var stored = entry.DataSizeBytes > 0 ? content(entry.DataOffset, entry.DataSizeBytes) : FileContent.Empty;
                node.Content = entry.IsSparse ? new SparseContent(entry.Segments, stored, entry.FileSizeBytes) : stored;
                break;
        }
        return node;
    }

    private static List<ByteString> Split(ByteString path, TarEntry entry)
    {
        if (path.Length >= MaximumPathBytes) throw Bad(entry, $"has a name of {path.Length} bytes, at most {MaximumPathBytes - 1} are possible");
        if (path.Span.Contains((byte)0)) throw Bad(entry, "has a name with a NUL byte");
        var names = Parts(path);
        foreach (var name in names)
        {
            if (IsParent(name)) throw Bad(entry, "has a name with '..'");
            if (name.Length > MaximumNameBytes) throw Bad(entry, $"has a name longer than {MaximumNameBytes} bytes");
        }
        return names;
    }

    private static List<ByteString> Parts(ByteString path)
    {
        var parts = new List<ByteString>();
        foreach (var range in path.Span.Split((byte)'/'))
            if (path.Span[range] is { Length: > 0 } part && !part.SequenceEqual("."u8)) parts.Add(new(part));
        return parts;
    }

    private static InvalidDataException Bad(TarEntry entry, string what) =>
        new($"tar: member '{entry.Name}' at offset {entry.HeaderOffset} {what}");
}
