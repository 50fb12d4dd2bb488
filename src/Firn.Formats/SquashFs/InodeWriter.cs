using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>
/// Writes inodes, basic ones where they suffice. User and group ids must be in <paramref name="ids"/>, ascending.
/// </summary>
internal sealed class InodeWriter(MetadataWriter table, IReadOnlyList<uint> ids, int blockSize)
{
    private readonly Dictionary<uint, ushort> _idIndices =
        ids.Select((id, index) => (id, index)).ToDictionary(pair => pair.id, pair => (ushort)pair.index);

    public static InodeType TypeOf(FileNode node) => node.Kind switch
    {
        FileKind.Directory => InodeType.Directory,
        FileKind.File => InodeType.File,
        FileKind.Symlink => InodeType.Symlink,
        FileKind.BlockDevice => InodeType.BlockDevice,
        FileKind.CharacterDevice => InodeType.CharacterDevice,
        FileKind.Fifo => InodeType.Fifo,
        _ => InodeType.Socket,
    };

    /// <param name="inode">Its number, links, attributes and content must be known.</param>
    /// <param name="parentNumber">Of a directory: the number of the one it is in.</param>
    public void Write(PlannedInode inode, uint parentNumber)
    {
        inode.Reference = table.Reference;
        switch (inode.Node.Kind)
        {
            case FileKind.Directory: WriteDirectory(inode, parentNumber); break;
            case FileKind.File: WriteFile(inode); break;
            case FileKind.Symlink: WriteSymlink(inode); break;
            default: WriteSpecial(inode); break;
        }
    }

    private void WriteHeader(PlannedInode inode, bool isExtended)
    {
        var node = inode.Node;
        table.Write((ushort)((ushort)TypeOf(node) + (isExtended ? SquashFsFormat.ExtendedType : 0)));
        table.Write((ushort)(node.Mode & 0xfff));
        table.Write(_idIndices[node.Uid]);
        table.Write(_idIndices[node.Gid]);
        table.Write((uint)Math.Clamp(node.ModifiedSeconds, 0, uint.MaxValue));    // 1970 to 2106
        table.Write(inode.Number);
    }

    private void WriteDirectory(PlannedInode inode, uint parentNumber)
    {
        var listing = inode.Listing;
        var size = listing.SizeBytes + SquashFsFormat.ListingSizeExcess;
        var isExtended = HasAttributes(inode) || listing.Index.Count > 0 || size > ushort.MaxValue;
        WriteHeader(inode, isExtended);
        if (!isExtended)
        {
            table.Write((uint)(listing.Reference >> 16));
            table.Write(inode.LinkCount);
            table.Write((ushort)size);
            table.Write((ushort)listing.Reference);
            table.Write(parentNumber);
            return;
        }
        table.Write(inode.LinkCount);
        table.Write(size);
        table.Write((uint)(listing.Reference >> 16));
        table.Write(parentNumber);
        table.Write((ushort)listing.Index.Count);
        table.Write((ushort)listing.Reference);
        table.Write(inode.AttributeSet);
        foreach (var entry in listing.Index)
        {
            table.Write(entry.Offset);
            table.Write(entry.Block);
            table.Write((uint)entry.FirstName.Length - 1);
            table.Write(entry.FirstName.Span);
        }
    }

    private void WriteFile(PlannedInode inode)
    {
        var layout = inode.Layout;
        var holeBytes = layout.HoleBytes(blockSize);
        var isExtended = HasAttributes(inode) || inode.LinkCount > 1 || holeBytes > 0
            || layout.Start > uint.MaxValue || layout.SizeBytes > uint.MaxValue;
        WriteHeader(inode, isExtended);
        if (!isExtended)
        {
            table.Write((uint)layout.Start);
            table.Write(layout.Fragment);
            table.Write(layout.FragmentOffset);
            table.Write((uint)layout.SizeBytes);
        }
        else
        {
            table.Write((ulong)layout.Start);
            table.Write((ulong)layout.SizeBytes);
            // Linux computes (size - holes - 1) / 512 without a sign, so a file may not be all holes.
            table.Write((ulong)Math.Min(holeBytes, layout.SizeBytes - 1));
            table.Write(inode.LinkCount);
            table.Write(layout.Fragment);
            table.Write(layout.FragmentOffset);
            table.Write(inode.AttributeSet);
        }
        foreach (var word in layout.SizeWords) table.Write(word);
    }

    private void WriteSymlink(PlannedInode inode)
    {
        WriteHeader(inode, HasAttributes(inode));
        table.Write(inode.LinkCount);
        table.Write((uint)inode.Node.LinkTarget.Length);
        table.Write(inode.Node.LinkTarget.Span);
        if (HasAttributes(inode)) table.Write(inode.AttributeSet);
    }

    private void WriteSpecial(PlannedInode inode)
    {
        WriteHeader(inode, HasAttributes(inode));
        table.Write(inode.LinkCount);
        if (inode.Node.Kind is FileKind.BlockDevice or FileKind.CharacterDevice)
            table.Write(SquashFsFormat.Encode(inode.Node.Device));
        if (HasAttributes(inode)) table.Write(inode.AttributeSet);
    }

    private static bool HasAttributes(PlannedInode inode) => inode.AttributeSet != SquashFsFormat.NoAttributes;
}
