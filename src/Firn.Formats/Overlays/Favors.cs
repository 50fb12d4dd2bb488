using System.Collections.Immutable;

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
    public static bool Hold(string text, NodeFacts facts)
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

    private static bool Holds(ReadOnlySpan<char> favor, NodeFacts facts)
    {
        var cut = favor.IndexOf('=');
        if (cut >= 0)
        {
            foreach (var (known, values) in facts.Values)
                if (favor[..cut].Equals(known, StringComparison.OrdinalIgnoreCase) && Any(known, favor[(cut + 1)..], values)) return true;
            return false;
        }
        foreach (var name in NodeFacts.Nameless)
            if (Any(name, favor, facts.Of(name))) return true;
        return false;
    }

    private static bool Any(string name, ReadOnlySpan<char> pattern, ImmutableArray<string> values)
    {
        foreach (var value in values)
            if (GlobPattern.Matches(pattern, value) || (name == NodeFacts.Mac && MatchesMac(pattern, value))) return true;
        return false;
    }

    /// <summary>Written 52:54:00:12:34:56, 52-54-00-12-34-56 or 525400123456.</summary>
    private static bool MatchesMac(ReadOnlySpan<char> pattern, string value) =>
        GlobPattern.Matches(WithoutSeparators(pattern.ToString()), WithoutSeparators(value));

    private static string WithoutSeparators(string text) => text.Replace(":", "").Replace("-", "");
}
