using System.Collections.Immutable;

namespace Firn.Images.Recipes;

/// <summary>Where the root filesystem comes from. Paths are absolute.</summary>
public abstract record RecipeSource
{
    private RecipeSource() { }

    /// <summary>A list of packages, made into a root filesystem by mmdebstrap.</summary>
    /// <param name="Suite">Such as <c>bookworm</c>.</param>
    /// <param name="Variant">Of mmdebstrap: <c>minbase</c> and the like.</param>
    /// <param name="Mirrors">URLs or whole lines of sources.list; mmdebstrap's own choice when empty.</param>
    /// <param name="KeyringPath">What the archive is signed with; the host's own keyrings when null.</param>
    public sealed record Debian(
        string Suite, string Variant, ImmutableArray<string> Packages, ImmutableArray<string> Mirrors,
        ImmutableArray<string> Components, string? KeyringPath) : RecipeSource;

    /// <summary>A tar archive, as it is or compressed with gzip, zstd or xz.</summary>
    public sealed record Tar(string Path) : RecipeSource;

    public sealed record Directory(string Path) : RecipeSource;

    /// <summary>An OCI image layout, as a directory or in a tar archive.</summary>
    /// <param name="Tag">The image to take; null when the layout has only one.</param>
    public sealed record Oci(string Path, string? Tag) : RecipeSource;
}
