using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>Leads into the middle of a long listing.</summary>
/// <param name="Offset">Of a header in the listing.</param>
/// <param name="Block">Of the metadata block the header begins in.</param>
/// <param name="FirstName">The name the header's run begins with.</param>
internal readonly record struct ListingIndexEntry(uint Offset, uint Block, ByteString FirstName);

/// <summary>The stored names of a directory: where they begin in the directory table, and ways into their middle.</summary>
internal sealed record DirectoryListing(ulong Reference, uint SizeBytes, IReadOnlyList<ListingIndexEntry> Index)
{
    private const int HeaderSize = 12;
    private const int EntrySize = 8;

    public static DirectoryListing Empty { get; } = new(0, 0, []);

    /// <summary>
    /// Writes the names of a directory, whose inodes have been written: runs of a header and entries. A run shares the
    /// metadata block its inodes are in, and in a long listing it also begins and goes on in one block of the listing,
    /// so that the index can lead to it.
    /// </summary>
    public static DirectoryListing Write(PlannedInode directory, MetadataWriter table)
    {
        if (directory.Entries.Count == 0) return Empty;
        var entryBytes = directory.Entries.Sum(entry => (long)EntrySize + entry.Name.Length);
        var isIndexed = entryBytes > SquashFsFormat.MetadataBlockSize;
        var start = table.Reference;
        var index = new List<ListingIndexEntry>();
        var size = 0L;
        for (var first = 0; first < directory.Entries.Count;)
        {
            var count = RunLength(directory, first, isIndexed ? table.BytesLeftInBlock : int.MaxValue);
            var block = (uint)(table.Reference >> 16);
            var lastBlock = index.Count > 0 ? index[^1].Block : (uint)(start >> 16);
            if (isIndexed && block != lastBlock && index.Count < ushort.MaxValue)
                index.Add(new((uint)size, block, directory.Entries[first].Name));
            size += WriteRun(directory, first, count, table);
            first += count;
            if (size > uint.MaxValue - SquashFsFormat.ListingSizeExcess)
                throw new InvalidDataException("squashfs: a directory's listing does not fit into 4 GiB");
        }
        return new(start, (uint)size, index);
    }

    private static int RunLength(PlannedInode directory, int first, int bytesLeftInBlock)
    {
        var head = directory.Entries[first].Inode;
        var bytes = HeaderSize;
        var count = 0;
        foreach (var (name, inode) in directory.Entries.Skip(first).Take(SquashFsFormat.EntriesPerHeader))
        {
            if (inode.Reference >> 16 != head.Reference >> 16) break;
            if ((long)inode.Number - head.Number is < short.MinValue or > short.MaxValue) break;
            if (count > 0 && bytes >= bytesLeftInBlock) break;
            bytes += EntrySize + name.Length;
            count++;
        }
        return count;
    }

    private static int WriteRun(PlannedInode directory, int first, int count, MetadataWriter table)
    {
        var head = directory.Entries[first].Inode;
        table.Write((uint)count - 1);
        table.Write((uint)(head.Reference!.Value >> 16));
        table.Write(head.Number);
        var size = HeaderSize;
        for (var i = first; i < first + count; i++)
        {
            var (name, inode) = directory.Entries[i];
            table.Write((ushort)inode.Reference!.Value);
            table.Write((ushort)(inode.Number - head.Number));
            table.Write((ushort)InodeWriter.TypeOf(inode.Node));
            table.Write((ushort)(name.Length - 1));
            table.Write(name.Span);
            size += EntrySize + name.Length;
        }
        return size;
    }
}
