using Firn.Linux.Interop;

namespace Firn.Linux.Patterns;

/// <summary>Extended regular expressions of POSIX, regex(7), for formats whose patterns are such.</summary>
public static class PosixPattern
{
    /// <summary>Whether a pattern is found anywhere in a text.</summary>
    /// <exception cref="InvalidDataException">It is not a pattern.</exception>
    public static bool IsMatch(string pattern, string text)
    {
        Span<byte> compiled = GC.AllocateArray<byte>(Libc.PatternBytes, pinned: true);
        if (Libc.CompilePattern(compiled, pattern, Libc.ExtendedPattern | Libc.WithoutGroups) != 0)
            throw new InvalidDataException($"'{pattern}' is not an extended regular expression");
        var isMatch = Libc.MatchPattern(compiled, text, 0, 0, 0) == 0;
        Libc.FreePattern(compiled);
        return isMatch;
    }
}
