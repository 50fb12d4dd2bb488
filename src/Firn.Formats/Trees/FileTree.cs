namespace Firn.Formats.Trees;

/// <summary>A root filesystem as a value in memory, with content left where it is until it is read.</summary>
public sealed class FileTree
{
    public FileNode Root { get; } = new(FileKind.Directory);

    /// <summary>The node at a path such as <c>usr/lib/modules</c>; symbolic links are not followed.</summary>
    public FileNode? Find(string path)
    {
        var node = Root;
        foreach (var name in Split(path))
            if (!node.Children.TryGetValue(name, out node!)) return null;
        return node;
    }

    /// <summary>
    /// The node at a path as a program inside the tree would find it: symbolic links are followed, absolute ones from
    /// the tree's own root, and none leads out of it.
    /// </summary>
    public FileNode? Resolve(string path) => Resolve(path, out _);

    /// <inheritdoc cref="Resolve(string)"/>
    public FileNode? Resolve(string path, out string realPath)
    {
        realPath = "";
        var walked = new List<(ByteString Name, FileNode Node)>();
        var pending = new Stack<ByteString>(Split(path).Reverse());
        for (var links = 0; pending.TryPop(out var name);)
        {
            if (name == "..") { if (walked.Count > 0) walked.RemoveAt(walked.Count - 1); continue; }
            var parent = walked.Count > 0 ? walked[^1].Node : Root;
            if (!parent.Children.TryGetValue(name, out var node)) return null;
            if (node.Kind != FileKind.Symlink) { walked.Add((name, node)); continue; }
            if (++links > 40) return null;    // as the kernel does: path_resolution(7)
            if (node.LinkTarget.Span.StartsWith("/"u8)) walked.Clear();
            foreach (var part in Enumerable.Reverse(Split(node.LinkTarget))) pending.Push(part);
        }
        realPath = string.Join('/', walked.Select(step => step.Name));
        return walked.Count > 0 ? walked[^1].Node : Root;
    }

    /// <summary>The directory at a path, made with its parents (0755, root) where it is missing.</summary>
    /// <exception cref="InvalidDataException">A part of the path exists and is not a directory.</exception>
    public FileNode Directory(string path, long modifiedSeconds = 0)
    {
        var node = Root;
        foreach (var name in Split(path))
        {
            if (!node.Children.TryGetValue(name, out var child))
                node.Children[name] = child = new(FileKind.Directory) { ModifiedSeconds = modifiedSeconds };
            if (!child.IsDirectory) throw new InvalidDataException($"{path}: {name} is not a directory");
            node = child;
        }
        return node;
    }

    /// <summary>Puts a node at a path, replacing what is there; missing parents are made.</summary>
    public FileNode Put(string path, FileNode node)
    {
        var names = Split(path).ToArray();
        if (names.Length == 0) throw new ArgumentException("the root cannot be replaced", nameof(path));
        var parent = Directory(string.Join('/', path.Trim('/').Split('/')[..^1]), node.ModifiedSeconds);
        return parent.Children[names[^1]] = node;
    }

    public bool Remove(string path)
    {
        var cut = path.TrimEnd('/').LastIndexOf('/');
        var parent = Find(cut < 0 ? "" : path[..cut]);
        return parent is not null && parent.Children.Remove(path.TrimEnd('/')[(cut + 1)..]);
    }

    /// <summary>Every name in the tree but the root's, parents before children, in byte order. Paths have no leading slash.</summary>
    public IEnumerable<(string Path, FileNode Node)> Walk() => Walk("", Root);

    private static IEnumerable<(string, FileNode)> Walk(string prefix, FileNode directory)
    {
        foreach (var (name, node) in directory.Children)
        {
            var path = prefix.Length == 0 ? name.ToString() : $"{prefix}/{name}";
            yield return (path, node);
            if (!node.IsDirectory) continue;
            foreach (var below in Walk(path, node)) yield return below;
        }
    }

    private static IEnumerable<ByteString> Split(string path) =>
        path.Split('/').Where(part => part is not ("" or ".")).Select(ByteString.From);

    private static List<ByteString> Split(ByteString path)
    {
        var parts = new List<ByteString>();
        foreach (var range in path.Span.Split((byte)'/'))
            if (path.Span[range] is { Length: > 0 } part && !part.SequenceEqual("."u8)) parts.Add(new(part));
        return parts;
    }
}
