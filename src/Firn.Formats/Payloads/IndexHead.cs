using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Firn.Formats.Payloads;

/// <summary>The first part of an index: what its segments are. With it a device finds which of them it has to fetch.</summary>
/// <param name="ImageBytes">Size of the image.</param>
/// <param name="Segments">In the order of the image.</param>
public sealed record IndexHead(long ImageBytes, ImmutableArray<IndexSegment> Segments)
{
    /// <summary>Where the entries of the first segment begin.</summary>
    public int SizeBytes => IndexFormat.HeaderBytes + Segments.Length * IndexFormat.SegmentBytes;

    /// <summary>Where the entries of a segment are in the file.</summary>
    public IEnumerable<ByteRange> SegmentRanges()
    {
        var offset = (long)SizeBytes;
        foreach (var segment in Segments)
        {
            yield return new(offset, segment.EntryBytes);
            offset += segment.EntryBytes;
        }
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[SizeBytes];
        IndexFormat.Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), IndexFormat.Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), Segments.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), ImageBytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(24), Segments.Sum(segment => segment.BlockCount));
        var rest = bytes.AsSpan(IndexFormat.HeaderBytes);
        foreach (var segment in Segments)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, segment.ImageBytes);
            BinaryPrimitives.WriteInt32LittleEndian(rest[8..], segment.BlockCount);
            segment.Hash.WriteTo(rest[12..]);
            rest = rest[IndexFormat.SegmentBytes..];
        }
        return bytes;
    }

    /// <param name="bytes">An index from its beginning; may go on behind the head.</param>
    /// <exception cref="InvalidDataException">Not the beginning of an index, or the numbers contradict each other.</exception>
    public static IndexHead Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < IndexFormat.HeaderBytes || !bytes.StartsWith(IndexFormat.Magic)) throw IndexFormat.Invalid("does not begin like one");
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (version != IndexFormat.Version) throw IndexFormat.Invalid($"has version {version}, this firn understands {IndexFormat.Version}");
        var count = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        var imageBytes = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]);
        var blocks = BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]);
        var rest = bytes[IndexFormat.HeaderBytes..];
        if (count > rest.Length / IndexFormat.SegmentBytes) throw IndexFormat.Invalid($"{count} segments do not fit into {rest.Length} bytes");
        if (imageBytes is < 0 or > IndexFormat.MaximumImageBytes) throw IndexFormat.Invalid($"image of {imageBytes} bytes");

        var segments = ImmutableArray.CreateBuilder<IndexSegment>((int)count);
        long sumBytes = 0, sumBlocks = 0;
        for (; count > 0; count--, rest = rest[IndexFormat.SegmentBytes..])
        {
            var segmentBytes = BinaryPrimitives.ReadInt64LittleEndian(rest);
            var segmentBlocks = BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]);
            if (segmentBlocks is 0 or > IndexFormat.MaximumBlocksPerSegment || segmentBytes < segmentBlocks
                || segmentBytes > (long)segmentBlocks * IndexFormat.MaximumBlockBytes)
                throw IndexFormat.Invalid($"segment of {segmentBlocks} blocks and {segmentBytes} bytes");
            segments.Add(new(segmentBytes, (int)segmentBlocks, BlockHash.Read(rest[12..])));
            sumBytes += segmentBytes;
            sumBlocks += segmentBlocks;
        }
        if (sumBytes != imageBytes || sumBlocks != blocks || blocks > IndexFormat.MaximumBlocks)
            throw IndexFormat.Invalid($"segments have {sumBlocks} blocks and {sumBytes} bytes, the header says {blocks} and {imageBytes}");
        return new(imageBytes, segments.MoveToImmutable());
    }
}
