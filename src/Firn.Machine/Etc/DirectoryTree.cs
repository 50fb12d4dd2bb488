using Firn.Formats.Trees;
using Firn.Linux.Files;
using Microsoft.Win32.SafeHandles;

namespace Firn.Machine.Etc;

/// <summary>Directories on disk as trees, and back, with all that Linux knows of a file but its birth.</summary>
public static class DirectoryTree
{
    private const int ChunkBytes = 256 << 10;

    /// <exception cref="Linux.ErrnoException">Something cannot be read.</exception>
    public static FileTree Read(string directory)
    {
        var path = RawPath.From(directory);
        var status = RawFiles.Status(path);
        if (status.Type != FileType.Directory) throw new InvalidDataException($"{directory} is not a directory");
        var tree = new FileTree();
        ReadInto(tree.Root, path, status, []);
        return tree;
    }

    private static void ReadInto(
        FileNode node, RawPath path, FileStatus status, Dictionary<((uint, uint), ulong), FileNode> links)
    {
        (node.Mode, node.Uid, node.Gid, node.ModifiedSeconds) = (status.Mode, status.Uid, status.Gid, status.ModifiedSeconds);
        node.Attributes =
        [
            .. RawFiles.ReadAttributes(path)
                .Select(attribute => new ExtendedAttribute(new(attribute.Name), [.. attribute.Value]))
                .OrderBy(attribute => attribute.Name),
        ];
        switch (status.Type)
        {
            case FileType.File: node.Content = new DirectoryContent(path, status.SizeBytes); break;
            case FileType.Symlink: node.LinkTarget = new(RawFiles.ReadLink(path)); break;
            case FileType.CharacterDevice or FileType.BlockDevice:
                node.Device = new(status.Device.Major, status.Device.Minor);
                break;
            case FileType.Directory:
                foreach (var name in RawFiles.List(path)) node.Children[new(name)] = ReadChild(path.Combine(name), links);
                break;
        }
    }

    private static FileNode ReadChild(RawPath path, Dictionary<((uint, uint), ulong), FileNode> links)
    {
        var status = RawFiles.Status(path);
        var isLinked = status.Type != FileType.Directory && status.LinkCount > 1;
        if (isLinked && links.TryGetValue((status.Host, status.Inode), out var known)) return known;
        var node = new FileNode(KindOf(status.Type, path));
        if (isLinked) links[(status.Host, status.Inode)] = node;
        ReadInto(node, path, status, links);
        return node;
    }

    /// <summary>Makes the tree as a new directory, with its root's metadata. Nothing is synced.</summary>
    /// <exception cref="Linux.ErrnoException">Something exists already, or cannot be made.</exception>
    public static void Write(FileTree tree, string directory) => WriteNode(tree.Root, RawPath.From(directory), []);

    /// <summary>Removes a directory with all that is in it; links in it are not followed.</summary>
    public static void Remove(string directory)
    {
        var path = RawPath.From(directory);
        if (RawFiles.Exists(path)) RemoveNode(path);
    }

    private static void RemoveNode(RawPath path)
    {
        if (RawFiles.Status(path).Type == FileType.Directory)
        {
            foreach (var name in RawFiles.List(path)) RemoveNode(path.Combine(name));
            RawFiles.RemoveDirectory(path);
        }
        else
            RawFiles.Remove(path);
    }

    private static void WriteNode(FileNode node, RawPath path, Dictionary<FileNode, RawPath> written)
    {
        if (!node.IsDirectory && !written.TryAdd(node, path))
        {
            RawFiles.Link(written[node], path);
            return;
        }
        Make(node, path);
        foreach (var (name, child) in node.Children) WriteNode(child, path.Combine(name.Span), written);
        Describe(node, path);
    }

    /// <summary>Gives what was made the metadata of a node; of a directory, when its children are there.</summary>
    /// <exception cref="Linux.ErrnoException">The kernel refuses.</exception>
    public static void Describe(FileNode node, RawPath path)
    {
        RawFiles.SetOwner(path, node.Uid, node.Gid);
        if (node.Kind != FileKind.Symlink) RawFiles.SetMode(path, node.Mode);
        // after the owner: changing that takes capabilities away
        foreach (var attribute in node.Attributes) RawFiles.SetAttribute(path, attribute.Name.Span, attribute.Value.AsSpan());
        // last: making children changes the time of a directory
        RawFiles.SetModified(path, node.ModifiedSeconds);
    }

    /// <summary>Makes a node without its children, and without metadata.</summary>
    /// <exception cref="Linux.ErrnoException">Something exists already, or cannot be made.</exception>
    public static void Make(FileNode node, RawPath path)
    {
        switch (node.Kind)
        {
            case FileKind.Directory: RawFiles.MakeDirectory(path); break;
            case FileKind.Symlink: RawFiles.MakeSymlink(path, node.LinkTarget.Span); break;
            case FileKind.File:
                using (var handle = RawFiles.Create(path)) CopyContent(node.Content, handle);
                break;
            default: RawFiles.MakeNode(path, TypeOf(node.Kind), node.Device.Major, node.Device.Minor); break;
        }
    }

    private static void CopyContent(FileContent content, SafeFileHandle handle)
    {
        var buffer = new byte[Math.Min(ChunkBytes, content.SizeBytes)];
        for (long offset = 0; offset < content.SizeBytes; offset += buffer.Length)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, content.SizeBytes - offset));
            content.Read(offset, part);
            RandomAccess.Write(handle, part, offset);
        }
    }

    private static FileKind KindOf(FileType type, RawPath path) => type switch
    {
        FileType.File => FileKind.File,
        FileType.Directory => FileKind.Directory,
        FileType.Symlink => FileKind.Symlink,
        FileType.CharacterDevice => FileKind.CharacterDevice,
        FileType.BlockDevice => FileKind.BlockDevice,
        FileType.Fifo => FileKind.Fifo,
        FileType.Socket => FileKind.Socket,
        _ => throw new InvalidDataException($"{path} is of a kind that Linux did not have"),
    };

    private static FileType TypeOf(FileKind kind) => kind switch
    {
        FileKind.CharacterDevice => FileType.CharacterDevice,
        FileKind.BlockDevice => FileType.BlockDevice,
        FileKind.Fifo => FileType.Fifo,
        _ => FileType.Socket,
    };
}
