using System.Buffers.Binary;

namespace Firn.Formats.SquashFs;

/// <summary>The stored blocks of an image, in order: what lies between them is the superblock, lists of positions, and gaps.</summary>
public static class SquashFsBlocks
{
    /// <exception cref="InvalidDataException">The image is damaged.</exception>
    public static IReadOnlyList<StoredBlock> Read(SquashFsReader image)
    {
        var blocks = new Dictionary<long, StoredBlock>();
        var shared = new Dictionary<long, List<StoredPiece>>();
        foreach (var (path, node) in image.ReadTree().Walk())
            if (node.Content is SquashFsContent content) AddFile(image, path, content, blocks, shared);
        foreach (var fragment in image.ReadFragments())
        {
            var pieces = shared.TryGetValue(fragment.Start, out var found) ? found : [];
            Add(image, blocks, fragment.Start, fragment.SizeWord, [.. pieces.OrderBy(piece => piece.PlainOffset).DistinctBy(piece => piece.PlainOffset)]);
        }
        foreach (var block in Tables(image)) blocks.TryAdd(block.Offset, block);
        return [.. blocks.Values.OrderBy(block => block.Offset)];
    }

    private static void AddFile(
        SquashFsReader image, string path, SquashFsContent content, Dictionary<long, StoredBlock> blocks, Dictionary<long, List<StoredPiece>> shared)
    {
        var blockSize = image.Superblock.BlockSizeBytes;
        var position = content.Start;
        for (var i = 0; i < content.SizeWords.Length; i++)
        {
            if (content.SizeWords[i] == 0) continue;
            var fileOffset = (long)i * blockSize;
            var length = (int)Math.Min(blockSize, content.SizeBytes - fileOffset);
            position += Add(image, blocks, position, content.SizeWords[i], [new(path, content, fileOffset, 0, length)]);
        }
        var tail = (long)content.SizeWords.Length * blockSize;
        if (tail >= content.SizeBytes) return;
        if (!shared.TryGetValue(content.Fragment.Start, out var pieces)) shared.Add(content.Fragment.Start, pieces = []);
        pieces.Add(new(path, content, tail, (int)content.FragmentOffset, (int)(content.SizeBytes - tail)));
    }

    private static int Add(
        SquashFsReader image, Dictionary<long, StoredBlock> blocks, long position, uint sizeWord, IReadOnlyList<StoredPiece> pieces)
    {
        var length = image.Bytes.StoredSize(sizeWord);
        var kind = (sizeWord & SquashFsFormat.RawBlock) != 0 ? StoredKind.Raw : StoredKind.Compressed;
        if (length > 0) blocks.TryAdd(position, new(position, length, kind, pieces));
        return length;
    }

    /// <summary>
    /// The blocks of tables lie one behind the other from the inode table on; between them are the lists of their positions that
    /// four tables are found by.
    /// </summary>
    private static IEnumerable<StoredBlock> Tables(SquashFsReader image)
    {
        var superblock = image.Superblock;
        var lists = Lists(superblock).OrderBy(list => list.Position).ToArray();
        var position = superblock.InodeTable;
        foreach (var (list, bytes) in lists)
        {
            while (position < list - sizeof(ushort))
            {
                var word = ReadWord(image, position);
                var length = sizeof(ushort) + (word & ~SquashFsFormat.RawMetadata);
                if (position + length > list) break;    // no block of a table
                yield return new(position, length, (word & SquashFsFormat.RawMetadata) != 0 ? StoredKind.RawMetadata : StoredKind.Metadata, []);
                position += length;
            }
            position = Math.Max(position, list + bytes);
        }
    }

    private static ushort ReadWord(SquashFsReader image, long position)
    {
        Span<byte> header = stackalloc byte[sizeof(ushort)];
        image.Bytes.Read(position, header, "metadata block");
        return BinaryPrimitives.ReadUInt16LittleEndian(header);
    }

    private static IEnumerable<(long Position, long Bytes)> Lists(SquashFsSuperblock superblock)
    {
        if (superblock.FragmentCount > 0) yield return List(superblock.FragmentTable, 16L * superblock.FragmentCount);
        if (superblock.ExportTable > 0) yield return List(superblock.ExportTable, 8L * superblock.InodeCount);
        yield return List(superblock.IdTable, 4L * superblock.IdCount);
        yield return (superblock.AttributeTable > 0 ? superblock.AttributeTable : superblock.BytesUsed, superblock.BytesUsed);

        static (long, long) List(long position, long rowBytes) =>
            (position, (rowBytes + SquashFsFormat.MetadataBlockSize - 1) / SquashFsFormat.MetadataBlockSize * sizeof(long));
    }
}
