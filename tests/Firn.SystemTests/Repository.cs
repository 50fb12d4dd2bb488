using System.Runtime.CompilerServices;

namespace Firn.SystemTests;

/// <summary>Where the sources are that this assembly was built from, and what was built of them.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>Kept between runs: what is expensive to make.</summary>
    public static string Artifacts { get; } = Directory.CreateDirectory(Path.Combine(Root, "artifacts", "system-tests")).FullName;

    /// <summary>The published firn, as <c>publish.sh</c> makes it.</summary>
    public static string MachineProgram => Path.Combine(Root, "artifacts", "firn", "firn") is var program && File.Exists(program)
        ? program
        : throw new FileNotFoundException($"{program} is missing: run ./publish.sh first");

    private static string Find([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
