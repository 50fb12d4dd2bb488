namespace Firn.Supervision.States;

/// <summary>How long to wait before a unit that failed is started again.</summary>
public static class RestartDelay
{
    private const int LeastBetweenStarts = 1000, First = 500;

    /// <summary>
    /// The first time at once, but not within a second of the last start; then half a second, doubled each time, up to
    /// <paramref name="maximum"/>, give or take a tenth so that many do not come at once.
    /// </summary>
    /// <param name="failures">In a row, this one included.</param>
    /// <param name="sinceStart">Milliseconds since the last start.</param>
    /// <param name="jitter">From 0 up to 1.</param>
    public static int Milliseconds(int failures, long sinceStart, int maximum, double jitter)
    {
        if (failures <= 1) return (int)Math.Clamp(LeastBetweenStarts - sinceStart, 0, LeastBetweenStarts);
        var delay = Math.Min(maximum, First * Math.Pow(2, Math.Min(failures - 1, 30)));
        return (int)Math.Max(0, Math.Min(delay * (0.9 + (0.2 * jitter)), int.MaxValue - 1));
    }
}
