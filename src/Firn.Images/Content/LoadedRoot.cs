using System.Collections.Immutable;
using Firn.Formats.Trees;
using Firn.Images.Recipes;

namespace Firn.Images.Content;

/// <summary>A root filesystem as the recipe wants it. Contents can be read until it is disposed.</summary>
public sealed class LoadedRoot : IDisposable
{
    private readonly SpoolArea _spool;

    internal LoadedRoot(SpoolArea spool) => _spool = spool;

    public required FileTree Tree { get; init; }

    /// <summary>Seconds since 1970; nothing in the tree is newer.</summary>
    public required long Epoch { get; init; }

    /// <summary>What went in, by name: versions and digests, for the manifest.</summary>
    public required ImmutableSortedDictionary<string, string> Inputs { get; init; }

    /// <summary>Of the recipe, and of what it met in the root filesystem.</summary>
    public required ImmutableArray<RecipeProblem> Warnings { get; init; }

    public void Dispose() => _spool.Dispose();
}
