namespace Firn.Images.Recipes;

/// <summary>A file the recipe adds.</summary>
/// <param name="Path">Where it goes.</param>
/// <param name="Origin">What it is.</param>
/// <param name="Mode">Permission bits (07777); null for what <paramref name="Origin"/> suggests.</param>
/// <param name="Owner">A number, or a name in the root filesystem.</param>
/// <param name="Group">A number, or a name in the root filesystem.</param>
/// <param name="Line">Of the recipe.</param>
public sealed record RecipeFile(TargetPath Path, FileOrigin Origin, uint? Mode, string Owner, string Group, int Line);

public abstract record FileOrigin
{
    private FileOrigin() { }

    /// <summary>The text itself.</summary>
    public sealed record Content(string Text) : FileOrigin;

    /// <summary>A file or directory of the machine that builds; the path is absolute.</summary>
    public sealed record From(string HostPath) : FileOrigin;

    /// <summary>A symbolic link to what the target says, which need not exist.</summary>
    public sealed record Link(string Target) : FileOrigin;
}
