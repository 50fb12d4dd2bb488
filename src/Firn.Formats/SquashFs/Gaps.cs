namespace Firn.Formats.SquashFs;

/// <summary>Free places between what stays in an image, given away so that little is left over.</summary>
internal sealed class Gaps
{
    private readonly SortedSet<(long Length, long Start)> _gaps = [];

    /// <param name="start">Where content may begin.</param>
    /// <param name="kept">Ranges that are taken; they may overlap.</param>
    public Gaps(long start, IEnumerable<(long Start, long Length)> kept)
    {
        End = start;
        foreach (var (keptStart, length) in kept.Order())
        {
            if (keptStart > End) _gaps.Add((keptStart - End, End));
            End = Math.Max(End, keptStart + length);
        }
    }

    /// <summary>Behind all that is taken.</summary>
    public long End { get; private set; }

    public long FreeBytes => _gaps.Sum(gap => gap.Length);

    /// <summary>The start of the smallest gap that is large enough; null when there is none.</summary>
    public long? Take(long length)
    {
        var view = _gaps.GetViewBetween((length, 0), (long.MaxValue, long.MaxValue));
        if (view.Count == 0) return null;
        var gap = view.Min;
        _gaps.Remove(gap);
        if (gap.Length > length) _gaps.Add((gap.Length - length, gap.Start + length));
        return gap.Start;
    }

    public long Append(long length) => (End += length) - length;
}
