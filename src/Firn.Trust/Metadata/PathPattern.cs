namespace Firn.Trust.Metadata;

/// <summary>
/// Patterns of target paths: <c>*</c> is any characters and <c>?</c> any one, within a directory: neither stands for
/// <c>/</c>. Upper and lower case differ. (TUF 1.0, section 4.5, PATHPATTERN.)
/// </summary>
public static class PathPattern
{
    public static bool Matches(string pattern, string path)
    {
        var patternParts = pattern.Split('/');
        var pathParts = path.Split('/');
        if (patternParts.Length != pathParts.Length) return false;
        for (var i = 0; i < pathParts.Length; i++)
            if (!MatchesPart(patternParts[i], pathParts[i])) return false;
        return true;
    }

    /// <summary>Goes back to the last star only, so that no pattern takes more than length times length.</summary>
    private static bool MatchesPart(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int at = 0, star = -1, retry = 0;
        for (var i = 0; i < text.Length;)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                (star, retry) = (at++, i);
            }
            else if (at < pattern.Length && (pattern[at] == '?' || pattern[at] == text[i]))
            {
                at++;
                i++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                i = ++retry;
            }
            else
            {
                return false;
            }
        }
        return pattern[at..].TrimStart('*').IsEmpty;
    }
}
