using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>A node of the tree on its way into the image; later steps fill in what they find out.</summary>
internal sealed class PlannedInode(FileNode node)
{
    public FileNode Node { get; } = node;

    /// <summary>From 1; the names of a directory stand for numbers in a row, but for hard links.</summary>
    public uint Number { get; set; }
    /// <summary>Names in the tree; of a directory 2 and its subdirectories.</summary>
    public uint LinkCount { get; set; }
    public uint AttributeSet { get; set; } = SquashFsFormat.NoAttributes;
    /// <summary>Where the inode was written, as a metadata reference; null until then.</summary>
    public ulong? Reference { get; set; }

    /// <summary>Of a file: where its content is.</summary>
    public FileLayout Layout { get; set; } = FileLayout.Empty;
    /// <summary>Of a file: whose neighbour it is if it is small.</summary>
    public PackingKey Packing { get; set; }

    /// <summary>Of a directory, in byte order.</summary>
    public List<(ByteString Name, PlannedInode Inode)> Entries { get; } = [];
    public DirectoryListing Listing { get; set; } = DirectoryListing.Empty;
}
