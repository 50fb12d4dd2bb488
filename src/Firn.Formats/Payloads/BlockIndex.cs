using System.Collections.Immutable;
using Firn.Formats.Trees;

namespace Firn.Formats.Payloads;

/// <summary>
/// The blocks of an image as they are stored, in order: their lengths and hashes. What an updater must have to take from an
/// older image what is the same, fetch the rest by ranges, and believe neither. Format in <c>docs/formats/payload.md</c>.
/// </summary>
public sealed class BlockIndex
{
    private BlockIndex(ImmutableArray<IndexedBlock> blocks, IndexHead head) => (Blocks, Head) = (blocks, head);

    /// <summary>All blocks, without gaps, from the image's first byte to its last.</summary>
    public ImmutableArray<IndexedBlock> Blocks { get; }

    public IndexHead Head { get; }
    public long ImageBytes => Head.ImageBytes;

    /// <summary>Cuts an image at places, and where a piece would be too long; hashes the pieces.</summary>
    /// <param name="image">Is read once, from the beginning.</param>
    /// <param name="cuts">Where blocks should begin; in any order. Only what changes with them matters, never correctness.</param>
    public static BlockIndex Of(FileContent image, IEnumerable<long> cuts)
    {
        var blocks = ImmutableArray.CreateBuilder<IndexedBlock>();
        var buffer = new byte[BlockCuts.LongestBytes];
        long offset = 0;
        foreach (var end in BlockCuts.Split(cuts, image.SizeBytes))
        {
            var stored = buffer.AsSpan(0, (int)(end - offset));
            image.Read(offset, stored);
            blocks.Add(new(offset, stored.Length, stored.ContainsAnyExcept((byte)0) ? BlockHash.Of(stored) : BlockHash.OfZeros));
            offset = end;
        }
        return Of(blocks.DrainToImmutable());
    }

    /// <param name="blocks">All of an image, in order.</param>
    public static BlockIndex Of(ImmutableArray<IndexedBlock> blocks)
    {
        var segments = ImmutableArray.CreateBuilder<IndexSegment>();
        for (var first = 0; first < blocks.Length;)
        {
            var count = 1;
            while (first + count < blocks.Length && !EndsSegment(blocks[first + count - 1], count)) count++;
            var part = blocks.AsSpan(first, count);
            segments.Add(new(part[^1].End - part[0].Offset, count, BlockHash.Of(Entries(part))));
            first += count;
        }
        return new(blocks, new(blocks.IsEmpty ? 0 : blocks[^1].End, segments.DrainToImmutable()));
    }

    public byte[] ToBytes() => [.. Head.ToBytes(), .. Entries(Blocks.AsSpan())];

    /// <summary>The entries of a segment, as they are in the file: what another index may have too.</summary>
    public ReadOnlyMemory<byte> SegmentBytes(int segment)
    {
        var first = Head.Segments.Take(segment).Sum(before => before.BlockCount);
        return Entries(Blocks.AsSpan(first, Head.Segments[segment].BlockCount));
    }

    /// <exception cref="InvalidDataException">Not an index, a damaged one, or one of a later version.</exception>
    public static BlockIndex Read(ReadOnlyMemory<byte> bytes)
    {
        var head = IndexHead.Read(bytes.Span);
        var offset = head.SizeBytes;
        var index = Read(head, (_, segment) =>
        {
            if (segment.EntryBytes > bytes.Length - offset) throw IndexFormat.Invalid("ends too early");
            offset += segment.EntryBytes;
            return bytes.Slice(offset - segment.EntryBytes, segment.EntryBytes);
        });
        return offset == bytes.Length ? index : throw IndexFormat.Invalid($"has {bytes.Length - offset} bytes behind its end");
    }

    /// <param name="head">Which segments there are.</param>
    /// <param name="segmentBytes">Their entries, by number; from wherever they are, for the head's hashes prove them.</param>
    /// <exception cref="InvalidDataException">A segment is another than the head says.</exception>
    public static BlockIndex Read(IndexHead head, Func<int, IndexSegment, ReadOnlyMemory<byte>> segmentBytes)
    {
        var blocks = ImmutableArray.CreateBuilder<IndexedBlock>();    // grows with what is there
        long offset = 0;
        for (var number = 0; number < head.Segments.Length; number++)
        {
            var segment = head.Segments[number];
            var entries = segmentBytes(number, segment).Span;
            if (entries.Length != segment.EntryBytes || BlockHash.Of(entries) != segment.Hash) throw IndexFormat.Invalid($"segment {number} is damaged");
            var end = offset + segment.ImageBytes;
            for (; !entries.IsEmpty; entries = entries[IndexFormat.EntryBytes..])
            {
                var length = entries[0] | entries[1] << 8 | entries[2] << 16;
                if (length == 0) throw IndexFormat.Invalid($"segment {number} has an empty block");
                blocks.Add(new(offset, length, BlockHash.Read(entries[3..])));
                offset += length;
            }
            if (offset != end) throw IndexFormat.Invalid($"segment {number} ends at {offset} of the image, expected {end}");
        }
        return new(blocks.DrainToImmutable(), head);
    }

    /// <summary>
    /// For each block where to copy it from. Of several places the one in the slot that is written is best, if the block is
    /// there already, then the first image that has it.
    /// </summary>
    public BlockPlan Match(IReadOnlyList<OldImage> old) => BlockMatcher.Match(this, old);

    private static bool EndsSegment(IndexedBlock block, int count) =>
        count == IndexFormat.MaximumBlocksPerSegment || (byte)block.Hash.High % IndexFormat.BlocksPerSegment == 0;

    private static byte[] Entries(ReadOnlySpan<IndexedBlock> blocks)
    {
        var bytes = new byte[blocks.Length * IndexFormat.EntryBytes];
        var rest = bytes.AsSpan();
        foreach (var block in blocks)
        {
            (rest[0], rest[1], rest[2]) = ((byte)block.Length, (byte)(block.Length >> 8), (byte)(block.Length >> 16));
            block.Hash.WriteTo(rest[3..]);
            rest = rest[IndexFormat.EntryBytes..];
        }
        return bytes;
    }
}
