using System.Diagnostics.CodeAnalysis;

namespace Firn.Images.Recipes;

/// <summary>A place in the root filesystem: absolute, below the root, and without <c>.</c>, <c>..</c> or empty parts.</summary>
public sealed record TargetPath
{
    private TargetPath(string relative) => Relative = relative;

    /// <summary>Without the leading slash, as <see cref="Firn.Formats.Trees.FileTree"/> takes it.</summary>
    public string Relative { get; }

    public string Name => Relative[(Relative.LastIndexOf('/') + 1)..];

    public override string ToString() => $"/{Relative}";

    public static bool TryParse(string text, [NotNullWhen(true)] out TargetPath? path)
    {
        path = null;
        if (!text.StartsWith('/') || text.Length > 2048 || text.Any(char.IsControl)) return false;
        var parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0 || parts.Any(part => part is "." or ".." || part.Length > 255)) return false;
        path = new(string.Join('/', parts));
        return true;
    }
}
