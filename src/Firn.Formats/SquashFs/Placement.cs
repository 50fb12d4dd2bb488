namespace Firn.Formats.SquashFs;

/// <summary>
/// Where stored bytes lie: what stays, with gaps between; what is new, in the gaps or behind. When gaps are more than a
/// small share, what lies last moves forward, so that an image stays about as small as one that is laid out anew.
/// </summary>
internal sealed class Placement
{
    /// <summary>Gaps have at most one part in so many of what is stored.</summary>
    public const int StoredPerGap = 200;

    private readonly long _start;
    private readonly List<DataRun> _kept = [];    // by where they were
    private readonly SortedSet<(long Length, long Start)> _gaps = [];
    private readonly SortedSet<DataRun> _runs = new(Comparer<DataRun>.Create((left, right) => left.Position.CompareTo(right.Position)));
    private long _storedBytes;

    /// <param name="start">Where content may begin.</param>
    /// <param name="kept">Ranges of the previous image that stay; in images that are not ours they may overlap.</param>
    public Placement(long start, IEnumerable<(long Start, long Length)> kept)
    {
        _start = start;
        var (first, end) = (start, start);
        foreach (var (next, length) in kept.Order())
        {
            if (next >= end)
            {
                Keep(first, end);
                first = next;
            }
            end = Math.Max(end, next + length);
        }
        Keep(first, end);
    }

    /// <summary>All there are, by position.</summary>
    public IEnumerable<DataRun> Runs => _runs;

    public long GapBytes { get; private set; }
    public long KeptBytes => _kept.Where(run => run.Position == run.From).Sum(run => run.Length);
    public long MovedBytes => _kept.Where(run => run.Position != run.From).Sum(run => run.Length);

    private long End => _runs.Max?.End ?? _start;

    /// <summary>Finds places for what is new: the largest first, in the smallest gap it fits, and what fits nowhere at the end.</summary>
    public void Add(IReadOnlyCollection<DataRun> added)
    {
        var rest = new HashSet<DataRun>();
        foreach (var run in added.OrderByDescending(run => run.Length))
            if (!TryFill(run)) rest.Add(run);
        foreach (var run in added.Where(rest.Contains)) Append(run);
        _storedBytes += added.Sum(run => run.Length);
        CloseGaps();
    }

    /// <summary>Where something is now that stays, and was at a position of the previous image.</summary>
    public long PositionOf(long oldPosition)
    {
        var (low, high) = (0, _kept.Count);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (_kept[middle].From <= oldPosition) low = middle;
            else high = middle;
        }
        return oldPosition + _kept[low].Position - _kept[low].From;
    }

    // From the end: what fits a gap fills it, and the rest closes up at last. Either way no gap is left behind what was taken.
    private void CloseGaps()
    {
        var rest = new Stack<DataRun>();
        while (GapBytes > _storedBytes / StoredPerGap)
        {
            var run = _runs.Max!;
            _runs.Remove(run);
            Take((run.Position - End, End));
            if (!TryFill(run)) rest.Push(run);
        }
        foreach (var run in rest) Append(run);
    }

    private bool TryFill(DataRun run)
    {
        var fitting = _gaps.GetViewBetween((run.Length, 0), (long.MaxValue, long.MaxValue));
        if (fitting.Count == 0) return false;
        var gap = fitting.Min;
        Take(gap);
        run.Position = gap.Start;
        _runs.Add(run);
        if (gap.Length > run.Length) Free(run.End, gap.Start + gap.Length);
        return true;
    }

    private void Keep(long start, long end)
    {
        if (end == start) return;
        if (start > End) Free(End, start);
        var run = new DataRun(end - start, start, isNew: false);
        _kept.Add(run);
        _runs.Add(run);
        _storedBytes += run.Length;
    }

    private void Append(DataRun run)
    {
        run.Position = End;
        _runs.Add(run);
    }

    private void Free(long start, long end)
    {
        _gaps.Add((end - start, start));
        GapBytes += end - start;
    }

    private void Take((long Length, long Start) gap)
    {
        if (_gaps.Remove(gap)) GapBytes -= gap.Length;
    }
}
