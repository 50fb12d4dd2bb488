namespace Firn.Formats.Payloads;

/// <summary>Some bytes of a file.</summary>
public readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>A request costs about as much as these bytes; a smaller gap is fetched along.</summary>
    public const int SmallestGap = 16 << 10;

    public long End => Offset + Length;

    /// <summary>The same bytes in fewer ranges. Gaps that are smaller than <paramref name="smallestGap"/> are fetched along.</summary>
    /// <param name="ranges">In any order; may overlap.</param>
    /// <param name="smallestGap">That is worth another range, in bytes.</param>
    public static List<ByteRange> Coalesce(IEnumerable<ByteRange> ranges, int smallestGap = SmallestGap)
    {
        var joined = new List<ByteRange>();
        foreach (var range in ranges.OrderBy(range => range.Offset))
        {
            if (joined.Count > 0 && range.Offset - joined[^1].End is var gap && (gap <= 0 || gap < smallestGap))
                joined[^1] = joined[^1] with { Length = Math.Max(joined[^1].End, range.End) - joined[^1].Offset };
            else joined.Add(range);
        }
        return joined;
    }
}
