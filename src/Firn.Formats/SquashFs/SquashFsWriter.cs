using System.Buffers.Binary;
using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>
/// Writes a tree as a squashfs 4.0 image with zstd compression, as Linux 4.14 and later mount it. The bytes depend on
/// the tree, the options and the compressor, not on threads or time. Layout and choices: <c>docs/formats/squashfs.md</c>.
/// </summary>
public sealed class SquashFsWriter
{
    private const int LargestAttributeValue = 65536;    // XATTR_SIZE_MAX
    private const int LongestAttributeName = 255;    // XATTR_NAME_MAX

    private readonly TreePlan _plan;
    private readonly Stream _image;
    private readonly long _start;
    private readonly SquashFsOptions _options;
    private readonly BlockCompressor _compress;

    private SquashFsWriter(TreePlan plan, Stream image, SquashFsOptions options, BlockCompressor compress)
    {
        (_plan, _image, _start, _options, _compress) = (plan, image, image.Position, options, compress);
    }

    /// <summary>
    /// Writes the image at the stream's position, from front to back, and at last its first 96 bytes; leaves the stream
    /// behind it. The size is <see cref="SquashFsSuperblock.PaddedBytes"/>.
    /// </summary>
    /// <param name="tree">Is not changed; the content of its files is read once, or twice if their sizes repeat.</param>
    /// <param name="image">Must be able to seek: the superblock comes first and tells the size of all that follows.</param>
    /// <param name="options">How to write; the level is the compressor's own affair.</param>
    /// <param name="newCompressor">Makes a zstd compressor; called for each thread.</param>
    /// <param name="progress">Told by the calling thread.</param>
    /// <param name="previous">An image whose layout is kept; then the bytes depend on it too.</param>
    /// <exception cref="InvalidDataException">Something in the tree has no place in squashfs; told with its path.</exception>
    public static SquashFsSuperblock Write(
        FileTree tree, Stream image, SquashFsOptions options, Func<BlockCompressor> newCompressor,
        IProgress<SquashFsProgress>? progress = null, PreviousImage? previous = null)
    {
        options.Check();
        if (!image.CanSeek) throw new ArgumentException("a squashfs image needs a stream that can seek", nameof(image));
        var writer = new SquashFsWriter(TreePlan.Of(tree, options.BlockSizeBytes), image, options, newCompressor());
        return writer.Write(newCompressor, progress, previous);
    }

    /// <summary>
    /// Whether squashfs has a place for an attribute: names beginning with <c>user.</c>, <c>trusted.</c> or
    /// <c>security.</c>. POSIX access control lists (<c>system.</c>) have none.
    /// </summary>
    public static bool CanHold(ExtendedAttribute attribute) =>
        attribute.Name.Length <= LongestAttributeName && attribute.Value.Length <= LargestAttributeValue
        && !attribute.Name.Span.Contains((byte)0) && AttributePrefix.Of(attribute.Name) is not null;

    private SquashFsSuperblock Write(
        Func<BlockCompressor> newCompressor, IProgress<SquashFsProgress>? progress, PreviousImage? previous)
    {
        _image.Write(new byte[SquashFsFormat.SuperblockSize]);
        var flags = SuperblockFlags.NoDuplicates | SuperblockFlags.Exportable | WriteCompressorOptions();

        var fragments = previous is null
            ? WriteData(newCompressor, progress)
            : IncrementalLayout.Write(_plan.Files, _image, Position, _options, newCompressor, previous, progress);
        var attributes = new AttributeTableWriter(_compress);
        var (inodes, directories, references) = WriteInodes(attributes);
        var inodeTable = Position;
        inodes.EndTable(_image, inodeTable);
        var directoryTable = Position;
        directories.EndTable(_image, directoryTable);
        var superblock = new SquashFsSuperblock    // writes tables on its way, in the order Linux wants them
        {
            InodeCount = _plan.InodeCount,
            ModifiedSeconds = (uint)_options.ModifiedSeconds,
            BlockSizeBytes = _options.BlockSizeBytes,
            FragmentCount = (uint)fragments.Count,
            Compression = SquashFsCompression.Zstd,
            Flags = (ushort)flags,
            IdCount = (ushort)_plan.Ids.Length,
            RootInode = _plan.Root.Reference!.Value,
            InodeTable = inodeTable,
            DirectoryTable = directoryTable,
            FragmentTable = WriteFragments(fragments),
            ExportTable = WriteIndexed(references, (table, reference) => table.Write(reference)),
            IdTable = WriteIndexed(_plan.Ids, (table, id) => table.Write(id)),
            AttributeTable = attributes.EndTable(_image, _start),
        };
        superblock = superblock with { BytesUsed = Position };
        End(superblock);
        return superblock;
    }

    private IReadOnlyList<FragmentBlock> WriteData(Func<BlockCompressor> newCompressor, IProgress<SquashFsProgress>? progress)
    {
        using var data = new DataWriter(_image, Position, _options, newCompressor, progress);
        data.Write(_plan.Files);
        return data.Fragments;
    }

    private long Position => _image.Position - _start;

    private SuperblockFlags WriteCompressorOptions()
    {
        if (_options.Level == SquashFsFormat.DefaultZstdLevel) return 0;
        Span<byte> block = stackalloc byte[2 + sizeof(int)];
        BinaryPrimitives.WriteUInt16LittleEndian(block, SquashFsFormat.RawMetadata | sizeof(int));
        BinaryPrimitives.WriteInt32LittleEndian(block[2..], _options.Level);
        _image.Write(block);
        return SuperblockFlags.CompressorOptions;
    }

    private (MetadataWriter Inodes, MetadataWriter Directories, ulong[] References) WriteInodes(
        AttributeTableWriter attributes)
    {
        var (inodeTable, directoryTable) = (new MetadataWriter(_compress), new MetadataWriter(_compress));
        var writer = new InodeWriter(inodeTable, _plan.Ids, _options.BlockSizeBytes);
        var references = new ulong[_plan.InodeCount];
        foreach (var directory in _plan.Directories)
        {
            foreach (var (_, inode) in directory.Entries)
                if (inode.Reference is null) WriteInode(inode, directory.Number);
            directory.Listing = DirectoryListing.Write(directory, directoryTable);
        }
        WriteInode(_plan.Root, parentNumber: _plan.InodeCount + 1);    // no inode has this number: the root has no parent
        return (inodeTable, directoryTable, references);

        void WriteInode(PlannedInode inode, uint parentNumber)
        {
            inode.AttributeSet = attributes.Add(inode.Node.Attributes);
            writer.Write(inode, parentNumber);
            references[inode.Number - 1] = inode.Reference!.Value;
        }
    }

    private long WriteFragments(IReadOnlyList<FragmentBlock> fragments) => WriteIndexed(fragments, (table, fragment) =>
    {
        table.Write((ulong)fragment.Start);
        table.Write(fragment.SizeWord);
        table.Write(0u);
    });

    // The superblock points at the list of the table's blocks, which follows them.
    private long WriteIndexed<T>(IEnumerable<T> rows, Action<MetadataWriter, T> write)
    {
        var table = new MetadataWriter(_compress);
        foreach (var row in rows) write(table, row);
        var blocks = table.EndTable(_image, Position);
        var position = Position;
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        foreach (var block in blocks)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, block);
            _image.Write(bytes);
        }
        return position;
    }

    private void End(SquashFsSuperblock superblock)
    {
        _image.Write(new byte[superblock.PaddedBytes - superblock.BytesUsed]);
        Span<byte> block = stackalloc byte[SquashFsFormat.SuperblockSize];
        superblock.WriteTo(block);
        _image.Position = _start;
        _image.Write(block);
        _image.Position = _start + superblock.PaddedBytes;
    }
}
