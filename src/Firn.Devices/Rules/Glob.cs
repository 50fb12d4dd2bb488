namespace Firn.Devices.Rules;

/// <summary>Patterns with <c>*</c>, <c>?</c>, <c>[a-z]</c> and <c>[!a-z]</c>; fnmatch(3) without flags.</summary>
public static class Glob
{
    public static bool Matches(ReadOnlySpan<char> glob, ReadOnlySpan<char> text)
    {
        // the last star takes one character more whenever the rest does not fit: linear in each star, never exponential
        var (at, i, star, starText) = (0, 0, -1, 0);
        while (i < text.Length)
        {
            if (at < glob.Length && glob[at] == '*') (star, starText) = (at++, i);
            else if (at < glob.Length && MatchesOne(glob[at..], text[i], out var length)) (at, i) = (at + length, i + 1);
            else if (star >= 0) (at, i) = (star + 1, ++starText);
            else return false;
        }
        return glob[at..].TrimStart('*').IsEmpty;
    }

    private static bool MatchesOne(ReadOnlySpan<char> glob, char c, out int length)
    {
        length = 1;
        if (glob[0] == '?') return true;
        if (glob[0] != '[') return glob[0] == c;
        var isNegated = glob.Length > 1 && glob[1] is '!' or '^';
        var first = isNegated ? 2 : 1;
        var end = glob.Length > first ? glob[(first + 1)..].IndexOf(']') : -1;    // a ] in front stands for itself
        if (end < 0) return c == '[';    // never closed: it stands for itself
        end += first + 1;
        length = end + 1;
        var isIn = false;
        for (var i = first; i < end; i++)
            if (i + 2 < end && glob[i + 1] == '-')
            {
                isIn |= c >= glob[i] && c <= glob[i + 2];
                i += 2;
            }
            else isIn |= c == glob[i];
        return isIn != isNegated;
    }
}
