using System.IO.Enumeration;
using Firn.Formats.Trees;

namespace Firn.Images.RootImages;

/// <summary>
/// The part of a tree that a person names: paths, with <c>*</c> and <c>?</c> for letters of a name. A directory stands
/// for all below it; the directories above come along.
/// </summary>
public static class PathFilter
{
    /// <param name="tree">Is not changed; the result shares what is no directory.</param>
    /// <param name="patterns">Such as <c>usr/lib/*.so</c>; all of the tree when there are none.</param>
    /// <exception cref="InvalidDataException">A pattern that nothing matches.</exception>
    public static FileTree Select(FileTree tree, IReadOnlyCollection<string> patterns)
    {
        if (patterns.Count == 0) return tree;
        var selected = new FileTree();
        CopyDirectory(tree.Root, selected.Root);
        foreach (var pattern in patterns)
        {
            var names = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".").ToArray();
            if (!Add(tree.Root, selected.Root, names)) throw new InvalidDataException($"{pattern}: there is no such path in the image");
        }
        return selected;
    }

    private static bool Add(FileNode from, FileNode to, ReadOnlySpan<string> names)
    {
        if (names.IsEmpty)
        {
            foreach (var (name, node) in from.Children) to.Children[name] = node;
            return true;
        }
        var isFound = false;
        foreach (var (name, node) in from.Children)
        {
            if (!Matches(names[0], name)) continue;
            if (names.Length == 1)
                to.Children[name] = node;
            else if (!node.IsDirectory || !AddBelow(name, node, to, names[1..]))
                continue;
            isFound = true;
        }
        return isFound;
    }

    private static bool AddBelow(ByteString name, FileNode from, FileNode to, ReadOnlySpan<string> names)
    {
        if (to.Children.TryGetValue(name, out var there))
            return ReferenceEquals(there, from) || Add(from, there, names);    // all of it is there already
        var copy = new FileNode(FileKind.Directory);
        CopyDirectory(from, copy);
        if (!Add(from, copy, names)) return false;
        to.Children[name] = copy;
        return true;
    }

    private static bool Matches(string pattern, ByteString name) =>
        pattern.AsSpan().ContainsAny('*', '?')
            ? FileSystemName.MatchesSimpleExpression(pattern, name.ToString(), ignoreCase: false)
            : name == pattern;

    private static void CopyDirectory(FileNode from, FileNode to)
    {
        (to.Mode, to.Uid, to.Gid, to.ModifiedSeconds) = (from.Mode, from.Uid, from.Gid, from.ModifiedSeconds);
        to.Attributes = from.Attributes;
    }
}
