using System.Text;

namespace Firn.Formats.KernelModules;

/// <summary>fnmatch(3) as modprobe uses it: <c>-</c> and <c>_</c> are the same outside of brackets.</summary>
internal sealed record ModuleGlob
{
    private readonly string _pattern;

    public ModuleGlob(string pattern) => _pattern = Normalise(pattern);

    /// <summary>Of several stars only the last is ever tried again, so no pattern takes long.</summary>
    public bool Matches(ReadOnlySpan<char> name)
    {
        int at = 0, inPattern = 0, starAt = 0, afterStar = -1;
        while (at < name.Length)
        {
            if (inPattern < _pattern.Length && _pattern[inPattern] == '*')
            {
                afterStar = ++inPattern;
                starAt = at;
            }
            else if (MatchOne(inPattern, name[at]) is > 0 and var length)
            {
                inPattern += length;
                at++;
            }
            else if (afterStar >= 0)
            {
                inPattern = afterStar;
                at = ++starAt;
            }
            else return false;
        }
        return _pattern.AsSpan(inPattern).Trim('*').IsEmpty;
    }

    /// <summary>Length of the part of the pattern that stands for one character and matches it; 0 if it does not.</summary>
    private int MatchOne(int offset, char c)
    {
        if (offset == _pattern.Length) return 0;
        if (_pattern[offset] == '[' && ClosingBracket(_pattern, offset) is > 0 and var end)
            return IsInSet(_pattern.AsSpan()[(offset + 1)..end], c) ? end + 1 - offset : 0;
        return _pattern[offset] == '?' || _pattern[offset] == c ? 1 : 0;
    }

    private static bool IsInSet(ReadOnlySpan<char> set, char c)
    {
        var isNegated = set[0] is '!' or '^';
        if (isNegated) set = set[1..];
        var isIn = false;
        while (!set.IsEmpty)
        {
            var isRange = set.Length >= 3 && set[1] == '-';
            isIn |= isRange ? set[0] <= c && c <= set[2] : set[0] == c;
            set = set[(isRange ? 3 : 1)..];
        }
        return isIn != isNegated;
    }

    /// <summary>Where a set ends, which begins at <paramref name="open"/> and has at least one character; or -1.</summary>
    private static int ClosingBracket(string pattern, int open)
    {
        var first = open + 1;
        if (first < pattern.Length && pattern[first] is '!' or '^') first++;
        return first + 1 < pattern.Length ? pattern.IndexOf(']', first + 1) : -1;
    }

    private static string Normalise(string pattern)
    {
        var text = new StringBuilder(pattern);
        for (var index = 0; index < pattern.Length; index++)
        {
            if (pattern[index] == '[' && ClosingBracket(pattern, index) is > 0 and var end) index = end;
            else if (pattern[index] == '-') text[index] = '_';
        }
        return text.ToString();
    }
}
