using System.Text;

namespace Firn.Settings.Etc;

/// <summary>How two texts differ, in the unified form that patch(1) understands.</summary>
internal static class LineDifference
{
    private const int Context = 3;
    private const int MaximumCells = 4 << 20;
    private const string NoNewline = "\n\\ No newline at end of file";

    /// <summary>Lines without line feeds at their ends; none if the texts are equal.</summary>
    public static IEnumerable<string> Unified(string oldName, string newName, byte[] old, byte[] next)
    {
        if (old.AsSpan().SequenceEqual(next)) yield break;
        if (old.Contains((byte)0) || next.Contains((byte)0))
        {
            yield return $"Binary files {oldName} and {newName} differ";
            yield break;
        }
        var edits = Edits(Lines(old), Lines(next));
        yield return $"--- {oldName}";
        yield return $"+++ {newName}";
        foreach (var (from, until) in Hunks(edits))
        {
            var hunk = edits.GetRange(from, until - from);
            yield return $"@@ -{Span(edits.GetRange(0, from), hunk, '+')} +{Span(edits.GetRange(0, from), hunk, '-')} @@";
            foreach (var (sign, line) in hunk) yield return sign + line;
        }
    }

    /// <summary>A last line without its line feed is another line than one with it.</summary>
    private static string[] Lines(byte[] content)
    {
        if (content.Length == 0) return [];
        var lines = Encoding.UTF8.GetString(content).Split('\n');
        if (lines[^1].Length == 0) return lines[..^1];
        lines[^1] += NoNewline;
        return lines;
    }

    /// <summary>Equal beginnings and ends first; in between a longest common subsequence, if that is small enough to look for.</summary>
    private static List<(char Sign, string Line)> Edits(string[] old, string[] next)
    {
        var before = 0;
        while (before < Math.Min(old.Length, next.Length) && old[before] == next[before]) before++;
        var after = 0;
        while (after < Math.Min(old.Length, next.Length) - before && old[^(after + 1)] == next[^(after + 1)]) after++;
        return
        [
            .. old[..before].Select(line => (' ', line)),
            .. Middle(old[before..^after], next[before..^after]),
            .. old[^after..].Select(line => (' ', line)),
        ];
    }

    private static IEnumerable<(char, string)> Middle(string[] old, string[] next)
    {
        if ((long)old.Length * next.Length > MaximumCells) return [.. old.Select(line => ('-', line)), .. next.Select(line => ('+', line))];
        var common = new int[old.Length + 1, next.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
            for (var j = next.Length - 1; j >= 0; j--)
                common[i, j] = old[i] == next[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        return Walk(old, next, common);
    }

    private static IEnumerable<(char, string)> Walk(string[] old, string[] next, int[,] common)
    {
        for (var (i, j) = (0, 0); i < old.Length || j < next.Length;)
            if (i < old.Length && j < next.Length && old[i] == next[j])
            {
                yield return (' ', old[i++]);
                j++;
            }
            else if (j == next.Length || (i < old.Length && common[i + 1, j] >= common[i, j + 1])) yield return ('-', old[i++]);
            else yield return ('+', next[j++]);
    }

    /// <summary>Changes with the lines around them; what is so near that these would touch is one.</summary>
    private static List<(int From, int Until)> Hunks(List<(char Sign, string Line)> edits)
    {
        var hunks = new List<(int From, int Until)>();
        for (var i = 0; i < edits.Count; i++)
        {
            if (edits[i].Sign == ' ') continue;
            var (from, until) = (Math.Max(0, i - Context), Math.Min(edits.Count, i + Context + 1));
            if (hunks.Count > 0 && hunks[^1].Until >= from) hunks[^1] = (hunks[^1].From, until);
            else hunks.Add((from, until));
        }
        return hunks;
    }

    /// <summary>First line and number of lines on one side; of no lines at all, the line before them.</summary>
    private static string Span(List<(char Sign, string Line)> before, List<(char Sign, string Line)> hunk, char otherSide)
    {
        var count = hunk.Count(edit => edit.Sign != otherSide);
        var first = before.Count(edit => edit.Sign != otherSide) + (count > 0 ? 1 : 0);
        return $"{first},{count}";
    }
}
