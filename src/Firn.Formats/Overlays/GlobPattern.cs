namespace Firn.Formats.Overlays;

/// <summary>Shell patterns of <c>*</c> and <c>?</c>, upper and lower case alike.</summary>
internal static class GlobPattern
{
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int star = -1, resume = 0, at = 0, from = 0;
        while (at < text.Length)
        {
            if (from < pattern.Length && (pattern[from] == '?' || Same(pattern[from], text[at])) && pattern[from] != '*')
                (at, from) = (at + 1, from + 1);
            else if (from < pattern.Length && pattern[from] == '*')
                (star, resume, from) = (from, at, from + 1);
            else if (star >= 0)    // the last star takes one character more
                (from, at, resume) = (star + 1, resume + 1, resume + 1);
            else
                return false;
        }
        return pattern[from..].Trim('*').IsEmpty;
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
