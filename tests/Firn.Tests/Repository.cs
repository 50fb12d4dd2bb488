using System.Runtime.CompilerServices;

namespace Firn.Tests;

/// <summary>Where the sources are that this assembly was built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
