using System.Collections.Immutable;
using Firn.Formats.Trees;

namespace Firn.Formats.Tar;

/// <summary>
/// A file with holes: the stored bytes lie one segment after the other in <paramref name="stored"/>. Segments are
/// ascending and do not overlap, and none is empty.
/// </summary>
internal sealed class SparseContent(ImmutableArray<TarSegment> segments, FileContent stored, long sizeBytes) : FileContent
{
    private readonly long[] _storedOffsets = StoredOffsets(segments);

    public override long SizeBytes => sizeBytes;

    public override void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > sizeBytes - destination.Length) throw new EndOfStreamException();
        destination.Clear();
        for (var i = FirstEndingAfter(offset); i < segments.Length; i++)
        {
            var segment = segments[i];
            if (segment.Offset >= offset + destination.Length) break;
            var from = Math.Max(offset, segment.Offset);
            var to = Math.Min(offset + destination.Length, segment.Offset + segment.SizeBytes);
            stored.Read(_storedOffsets[i] + (from - segment.Offset), destination[(int)(from - offset)..(int)(to - offset)]);
        }
    }

    public override long NextData(long offset)
    {
        var next = FirstEndingAfter(offset);
        return next < segments.Length ? Math.Max(offset, segments[next].Offset) : sizeBytes;
    }

    private int FirstEndingAfter(long offset)
    {
        var (low, high) = (0, segments.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (segments[middle].Offset + segments[middle].SizeBytes > offset) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    private static long[] StoredOffsets(ImmutableArray<TarSegment> segments)
    {
        var offsets = new long[segments.Length];
        for (var i = 1; i < offsets.Length; i++) offsets[i] = offsets[i - 1] + segments[i - 1].SizeBytes;
        return offsets;
    }
}
