using System.Globalization;
using Firn.Linux.Interop;

namespace Firn.Linux.Processes;

/// <summary>What of this process lies in memory.</summary>
public static class ResidentPages
{
    /// <summary>
    /// Lets go of the pages of programs and libraries that this process has mapped and not written to: those that are used
    /// again come back from the page cache, those of the start do not. Mappings with pages of our own are left alone;
    /// madvise(2), proc_pid_smaps(5).
    /// </summary>
    public static void LetGo()
    {
        try
        {
            (ulong First, ulong End) range = default;
            var isFile = false;
            foreach (var line in File.ReadLines("/proc/self/smaps"))
                if (line.StartsWith("Anonymous:", StringComparison.Ordinal))
                {
                    if (isFile && line.EndsWith(" 0 kB", StringComparison.Ordinal)) _ = Libc.Advise((nint)range.First, (nuint)(range.End - range.First), Libc.NotNeeded);
                }
                else if (char.IsAsciiHexDigitLower(line[0])) isFile = IsOfFile(line, out range);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // without smaps they stay
        }
    }

    /// <summary>Whether a line begins the description of a mapping of a file that cannot be written to.</summary>
    private static bool IsOfFile(string line, out (ulong First, ulong End) range)
    {
        range = default;
        var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
        if (fields is not [var addresses, ['r', '-', _, _], _, _, not "0", var path] || !path.TrimStart().StartsWith('/')) return false;
        var dash = addresses.IndexOf('-');
        return ulong.TryParse(addresses.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out range.First)
            && ulong.TryParse(addresses.AsSpan(dash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out range.End);
    }
}
