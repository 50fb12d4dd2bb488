namespace Firn.Formats.Yaml;

/// <summary>Helps a person who mistyped: did you mean …?</summary>
public static class Suggestion
{
    /// <summary>The candidate that a slip of the fingers turns into <paramref name="text"/>, if there is one.</summary>
    public static string? For(string text, IEnumerable<string> candidates)
    {
        if (text.Length > 64) return null;
        var (nearest, distance) = candidates
            .Select(candidate => (candidate, Distance(text.ToLowerInvariant(), candidate)))
            .DefaultIfEmpty(("", int.MaxValue))
            .MinBy(pair => pair.Item2);
        return distance <= Math.Max(1, nearest.Length / 3) ? nearest : null;
    }

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) table[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) table[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                table[i, j] = Math.Min(Math.Min(table[i - 1, j], table[i, j - 1]) + 1, table[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
            }
        return table[a.Length, b.Length];
    }

    /// <summary>For messages: one line, not long.</summary>
    public static string Quote(string text)
    {
        var line = string.Concat(text.Take(60).Select(c => char.IsControl(c) ? '·' : c));
        return $"'{line}{(text.Length > 60 ? "…" : "")}'";
    }
}
