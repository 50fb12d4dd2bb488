using Firn.Formats.Trees;
using Firn.Linux.Files;

namespace Firn.Images.Content;

/// <summary>
/// A directory of the build machine with all that Linux knows of its files: owners, modes, links of either kind,
/// devices, extended attributes, holes. Contents are read when they are asked for.
/// </summary>
internal sealed class DirectorySource
{
    private readonly Dictionary<((uint, uint) Host, ulong Inode), FileNode> _linked = [];

    /// <exception cref="Firn.Linux.ErrnoException">Something cannot be read; most roots need root.</exception>
    public static FileTree Load(string path)
    {
        var tree = new FileTree();
        var root = RawPath.From(Path.GetFullPath(path) + "/.");    // the directory, should the path be a link to it
        var source = new DirectorySource();
        Describe(tree.Root, root, RawFiles.Status(root));
        source.ReadChildren(tree.Root, root);
        return tree;
    }

    /// <summary>A single file; a symbolic link is followed.</summary>
    public static FileNode LoadFile(string path)
    {
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        return new DirectorySource().Read(RawPath.From(target), RawFiles.Status(RawPath.From(target)));
    }

    private void ReadChildren(FileNode directory, RawPath path)
    {
        foreach (var name in RawFiles.List(path))
        {
            var child = path.Combine(name);
            directory.Children[new(name)] = Read(child, RawFiles.Status(child));
        }
    }

    private FileNode Read(RawPath path, FileStatus status)
    {
        var mayBeLinked = status is { LinkCount: > 1, Type: not FileType.Directory };
        if (mayBeLinked && _linked.TryGetValue((status.Host, status.Inode), out var known)) return known;
        var node = new FileNode(KindOf(status.Type, path));
        Describe(node, path, status);
        if (node.IsDirectory) ReadChildren(node, path);
        if (mayBeLinked) _linked[(status.Host, status.Inode)] = node;
        return node;
    }

    private static void Describe(FileNode node, RawPath path, FileStatus status)
    {
        (node.Mode, node.Uid, node.Gid, node.ModifiedSeconds) = (status.Mode, status.Uid, status.Gid, status.ModifiedSeconds);
        node.Attributes = [.. RawFiles.ReadAttributes(path)
            .Select(attribute => new ExtendedAttribute(new(attribute.Name), [.. attribute.Value]))
            .OrderBy(attribute => attribute.Name)];
        switch (node.Kind)
        {
            case FileKind.File when status.SizeBytes > 0: node.Content = new Content(path, status.SizeBytes); break;
            case FileKind.Symlink: node.LinkTarget = new(RawFiles.ReadLink(path)); break;
            case FileKind.CharacterDevice or FileKind.BlockDevice: node.Device = new(status.Device.Major, status.Device.Minor); break;
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
        _ => throw new InvalidDataException($"{path} is of a kind that Linux does not have"),
    };

    /// <summary>Opened for each read: a root filesystem has more files than a process may have open.</summary>
    private sealed class Content(RawPath path, long sizeBytes) : FileContent
    {
        public override long SizeBytes => sizeBytes;

        public override void Read(long offset, Span<byte> destination)
        {
            using var file = RawFiles.OpenRead(path);
            OpenFile.ReadFully(file, offset, destination);
        }

        public override long NextData(long offset)
        {
            if (offset >= sizeBytes) return sizeBytes;
            using var file = RawFiles.OpenRead(path);
            return Math.Min(FileHoles.NextData(file, offset) ?? sizeBytes, sizeBytes);
        }
    }
}
