using System.Collections.Immutable;
using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>The inodes of a tree in the order they are written, checked against what squashfs can hold.</summary>
internal sealed class TreePlan
{
    private const int LongestName = 255;    // NAME_MAX: a longer name fits into squashfs, but Linux cannot open it
    private const int LongestLinkTarget = 4095;    // PATH_MAX without the final zero
    private const int MostIds = ushort.MaxValue;
    private const long MostBlocks = 1 << 24;    // 64 MiB of size words: 2 TiB at 128 KiB

    private readonly Dictionary<FileNode, PlannedInode> _inodes = [];
    private readonly Stack<Step> _steps = new();
    private readonly List<PlannedInode> _directories = [];
    private readonly List<PlannedInode> _files = [];
    private readonly SortedSet<uint> _ids = [];
    private readonly int _blockSize;
    private long _blocks;
    private int _areas;

    private TreePlan(FileTree tree, int blockSize)
    {
        _blockSize = blockSize;
        Walk(tree.Root);
        KeepCommonNames();
        Ids = [.. _ids];
        Number();
    }

    /// <exception cref="InvalidDataException">Something in the tree has no place in squashfs; told with its path.</exception>
    public static TreePlan Of(FileTree tree, int blockSize) => new(tree, blockSize);

    /// <summary>Every directory after those within it; the root is the last.</summary>
    public IReadOnlyList<PlannedInode> Directories => _directories;
    public PlannedInode Root => _directories[^1];
    /// <summary>The regular files in path order, each once.</summary>
    public IReadOnlyList<PlannedInode> Files => _files;
    /// <summary>User and group ids in ascending order: an inode holds indices into it.</summary>
    public ImmutableArray<uint> Ids { get; }
    public uint InodeCount => (uint)_inodes.Count;

    private sealed record Step(
        ByteString Name, PlannedInode Directory, PathHash Hash, int Area,
        IEnumerator<KeyValuePair<ByteString, FileNode>> Rest);

    // With a stack of its own: a tree may be deeper than a thread's stack.
    private void Walk(FileNode root)
    {
        Enter(default, Add(root, default), PathHash.Start);
        while (_steps.TryPeek(out var step))
        {
            if (!step.Rest.MoveNext())
            {
                _directories.Add(_steps.Pop().Directory);
                continue;
            }
            var (name, node) = step.Rest.Current;
            CheckName(name);
            var hash = step.Hash.Extend(name.Span);
            var inode = _inodes.TryGetValue(node, out var known) ? LinkAgain(known, name) : Add(node, name);
            step.Directory.Entries.Add((name, inode));
            if (node.IsDirectory)
            {
                step.Directory.LinkCount++;
                Enter(name, inode, hash);
            }
            else if (node.Kind == FileKind.File && known is null)
            {
                inode.Packing = PackingKey.Of(step.Area, name, hash);
                _files.Add(inode);
            }
        }
    }

    private void KeepCommonNames()
    {
        var names = new Dictionary<(int, ByteString), int>();
        foreach (var file in _files)
        {
            var key = (file.Packing.Area, file.Packing.CommonName);
            names[key] = names.GetValueOrDefault(key) + 1;
        }
        foreach (var file in _files)
            if (names[(file.Packing.Area, file.Packing.CommonName)] == 1) file.Packing = file.Packing.WithoutName();
    }

    private void Enter(ByteString name, PlannedInode directory, PathHash hash)
    {
        var area = _steps.Count <= PackingKey.AreaDepth ? _areas++ : _steps.Peek().Area;
        _steps.Push(new(name, directory, hash, area, directory.Node.Children.GetEnumerator()));
    }

    private PlannedInode Add(FileNode node, ByteString name)
    {
        Check(node, name);
        _ids.Add(node.Uid);
        _ids.Add(node.Gid);
        if (_ids.Count > MostIds) throw Refuse(name, $"the tree has more than {MostIds} user and group ids");
        var inode = new PlannedInode(node) { LinkCount = node.IsDirectory ? 2u : 1u };
        _inodes.Add(node, inode);
        return inode;
    }

    private PlannedInode LinkAgain(PlannedInode inode, ByteString name)
    {
        if (inode.Node.IsDirectory) throw Refuse(name, "a directory has two names");
        inode.LinkCount++;
        return inode;
    }

    private void CheckName(ByteString name)
    {
        if (name.Length > LongestName) throw Refuse(name, $"name of {name.Length} bytes; Linux opens up to {LongestName}");
        if (!ByteString.IsFileName(name.Span)) throw Refuse(name, "not a file name");
    }

    private void Check(FileNode node, ByteString name)
    {
        if (node.Kind == FileKind.Symlink && node.LinkTarget.Length is var length && length is 0 or > LongestLinkTarget)
            throw Refuse(name, $"link target of {length} bytes; Linux follows 1 to {LongestLinkTarget}");
        if (node.LinkTarget.Span.Contains((byte)0)) throw Refuse(name, "link target with a zero byte");
        if (node.Device.Major > 0xfff || node.Device.Minor > 0xfffff)
            throw Refuse(name, $"device {node.Device.Major}:{node.Device.Minor} does not fit into 12 and 20 bits");
        if (node.Kind == FileKind.File && (_blocks += node.Content.SizeBytes / _blockSize) > MostBlocks)
            throw Refuse(name, $"the files have more than {MostBlocks} blocks of {_blockSize} bytes");
        foreach (var attribute in node.Attributes)
            if (!SquashFsWriter.CanHold(attribute))
                throw Refuse(name, $"squashfs cannot hold attribute {attribute.Name} of {attribute.Value.Length} bytes");
        for (var i = 1; i < node.Attributes.Length; i++)
            if (node.Attributes[i].Name <= node.Attributes[i - 1].Name)
                throw Refuse(name, $"attribute {node.Attributes[i].Name} is there twice or out of order");
    }

    // The inodes of a directory's names are written in a row, before the directory's own: listing one touches few blocks.
    private void Number()
    {
        var last = 0u;
        foreach (var directory in _directories)
            foreach (var (_, inode) in directory.Entries)
                if (inode.Number == 0) inode.Number = ++last;
        Root.Number = ++last;
    }

    private InvalidDataException Refuse(ByteString name, string reason)
    {
        var parents = _steps.Reverse().Skip(1).Select(step => step.Name);
        return new($"/{string.Join('/', _steps.Count == 0 ? [] : parents.Append(name))}: {reason}");
    }
}
