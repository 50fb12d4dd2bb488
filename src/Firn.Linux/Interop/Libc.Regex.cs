using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

internal static partial class Libc
{
    /// <summary>REG_EXTENDED, REG_NOSUB; regcomp(3).</summary>
    public const int ExtendedPattern = 1, WithoutGroups = 8;

    /// <summary>More than regex_t has in any C library.</summary>
    public const int PatternBytes = 256;

    [LibraryImport("libc", EntryPoint = "regcomp", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int CompilePattern(Span<byte> compiled, string pattern, int flags);

    [LibraryImport("libc", EntryPoint = "regexec", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MatchPattern(Span<byte> compiled, string text, nuint groups, nint matches, int flags);

    [LibraryImport("libc", EntryPoint = "regfree")]
    internal static partial void FreePattern(Span<byte> compiled);
}
