using Firn.Formats.Trees;

namespace Firn.Images.Content;

/// <summary>
/// Changes to a tree as a program inside it would make them: symbolic links on the way are followed (<c>/bin</c> may be
/// <c>/usr/bin</c>), the last name is taken as it is.
/// </summary>
internal static class TreeEdit
{
    /// <summary>Puts a node at a path, replacing what is there; missing parents are made (0755, root).</summary>
    /// <exception cref="InvalidDataException">A parent is no directory, or a link that leads nowhere.</exception>
    public static void Put(FileTree tree, string path, FileNode node)
    {
        var (parent, name) = Split(path);
        Directory(tree, parent, node.ModifiedSeconds).Children[name] = node;
    }

    public static void PutFile(FileTree tree, string path, string text, long epoch, uint mode = 0x1a4) =>
        Put(tree, path, new(FileKind.File) { Content = FileContent.Of(text), Mode = mode, ModifiedSeconds = epoch });

    public static void PutLink(FileTree tree, string path, string target, long epoch) =>
        Put(tree, path, new(FileKind.Symlink) { LinkTarget = target, ModifiedSeconds = epoch });

    /// <summary>What stands at a path; a symbolic link is not followed if it is the last part.</summary>
    public static FileNode? Find(FileTree tree, string path)
    {
        var (parent, name) = Split(path);
        return tree.Resolve(parent)?.Children.GetValueOrDefault(name);
    }

    public static bool Remove(FileTree tree, string path)
    {
        var (parent, name) = Split(path);
        return tree.Resolve(parent)?.Children.Remove(name) == true;
    }

    /// <summary>The directory at a path, made with its parents where it is missing.</summary>
    /// <exception cref="InvalidDataException">A part is no directory, or a link that leads nowhere.</exception>
    public static FileNode Directory(FileTree tree, string path, long epoch)
    {
        var (directory, realPath) = (tree.Root, "");
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var here = realPath.Length == 0 ? name : $"{realPath}/{name}";
            var next = tree.Resolve(here, out var realNext);
            if (next is null)
            {
                if (directory.Children.ContainsKey(name))
                    throw new InvalidDataException($"/{path}: /{here} is a symbolic link that leads nowhere");
                directory.Children[name] = next = new(FileKind.Directory) { ModifiedSeconds = epoch };
                realNext = here;
            }
            if (!next.IsDirectory) throw new InvalidDataException($"/{path}: {name} is not a directory");
            (directory, realPath) = (next, realNext);
        }
        return directory;
    }

    private static (string Parent, ByteString Name) Split(string path)
    {
        var cut = path.LastIndexOf('/');
        return (cut < 0 ? "" : path[..cut], path[(cut + 1)..]);
    }
}
