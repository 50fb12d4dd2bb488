namespace Firn.Formats.Overlays;

/// <summary>
/// The favors of a layer, as its name has them: joined by <c>-</c>, each <c>NAME=PATTERN</c> or the pattern alone of a
/// fact that every machine has. A layer is for a machine of which all hold; upper and lower case are alike.
/// </summary>
/// <remarks>
/// Values hold <c>-</c> themselves (UUIDs, kernel releases), so the text is not cut at each: it matches if it can be cut
/// so that every piece holds.
/// </remarks>
public static class Favors
{
    /// <param name="text">The name of a layer after its number; empty for every machine.</param>
    public static bool Hold(string text, NamedValues facts)
    {
        if (text.Length == 0) return true;
        // holds[i]: what begins at i can be cut into favors that hold
        var holds = new bool[text.Length + 2];
        holds[text.Length + 1] = true;
        for (var start = text.Length - 1; start >= 0; start--)
        {
            if (start > 0 && text[start - 1] != '-') continue;
            for (var end = text.Length; end > start && !holds[start]; end--)
                if ((end == text.Length || text[end] == '-') && holds[end + 1]) holds[start] = Holds(text.AsSpan(start, end - start), facts);
        }
        return holds[0];
    }

    private static bool Holds(ReadOnlySpan<char> favor, NamedValues facts)
    {
        var cut = favor.IndexOf('=');
        foreach (var fact in facts.All)
            if (cut < 0 ? NodeFacts.Nameless.Contains(fact.Name) && Matches(favor, fact)
                : favor[..cut].Equals(fact.Name, StringComparison.OrdinalIgnoreCase) && Matches(favor[(cut + 1)..], fact))
                return true;
        return false;
    }

    private static bool Matches(ReadOnlySpan<char> pattern, NamedValue fact) =>
        GlobPattern.Matches(pattern, fact.Value) || (fact.Name == NodeFacts.Mac && MatchesMac(pattern, fact.Value));

    /// <summary>Written 52:54:00:12:34:56, 52-54-00-12-34-56 or 525400123456.</summary>
    private static bool MatchesMac(ReadOnlySpan<char> pattern, string value) =>
        GlobPattern.Matches(WithoutSeparators(pattern.ToString()), WithoutSeparators(value));

    private static string WithoutSeparators(string text) => text.Replace(":", "").Replace("-", "");
}
