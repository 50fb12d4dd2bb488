namespace Firn.Formats.SquashFs;

/// <summary>A block of small files in the previous image, of which something is still in use.</summary>
/// <param name="Number">In the previous image.</param>
/// <param name="StoredBytes">As it is compressed.</param>
/// <param name="PlainBytes">All it holds, and not what the previous image used of it: otherwise it would decay a little with each update.</param>
/// <param name="DeadBytes">Of those: what no file has any more.</param>
internal sealed record SharedBlock(int Number, int StoredBytes, int PlainBytes, long DeadBytes)
{
    private const long SharesOfAll = 1 << 20;

    /// <summary>In all that stays, one part in so many may be dead.</summary>
    public const int StoredPerDead = 50;

    private bool IsHalfDead => 2 * DeadBytes > PlainBytes;
    private long DeadShare => DeadBytes * SharesOfAll / PlainBytes;
    private long DeadStoredBytes => DeadBytes * StoredBytes / PlainBytes;

    /// <summary>
    /// Those that stay. The others are packed anew, which costs new bytes for what lives in them: those that are half dead,
    /// and those with most dead in them, until what is dead in all is little enough.
    /// </summary>
    /// <param name="blocks">By number.</param>
    /// <param name="otherBytes">Stored bytes that stay besides.</param>
    public static List<SharedBlock> Keep(IReadOnlyList<SharedBlock> blocks, long otherBytes)
    {
        var candidates = blocks.Where(block => !block.IsHalfDead).OrderByDescending(block => block.DeadShare).ToList();
        var dead = candidates.Sum(block => block.DeadStoredBytes);
        var live = otherBytes + candidates.Sum(block => (long)block.StoredBytes) - dead;
        var kept = new List<SharedBlock>();
        foreach (var block in candidates)
        {
            if (dead > live / StoredPerDead) dead -= block.DeadStoredBytes;
            else kept.Add(block);
        }
        return kept;
    }
}
