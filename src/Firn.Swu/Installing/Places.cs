using Firn.Linux;
using Firn.Linux.Files;

namespace Firn.Swu.Installing;

/// <summary>Directories that something is to be put into.</summary>
internal static class Places
{
    /// <summary>Makes a file without a name there: it says what the kernel says, and leaves nothing.</summary>
    public static void RequireWritable(string directory, bool isMade, Action<string> problem)
    {
        var existing = directory;
        while (isMade && !Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent) existing = parent;
        if (!Directory.Exists(existing))
        {
            problem($"there is no directory {existing}");
            return;
        }
        try
        {
            using var file = NewFile.Create(Path.Combine(existing, "swu"));
        }
        catch (Exception error) when (error is ErrnoException or IOException or UnauthorizedAccessException)
        {
            problem($"nothing can be written to {existing}: {error.Message}");
        }
    }
}
