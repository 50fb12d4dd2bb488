using Firn.Trust.Metadata;

namespace Firn.Publishing.Destinations;

public enum PublishedKind
{
    /// <summary>Never changes under its name.</summary>
    Target,

    /// <summary>Never changes under its name.</summary>
    Metadata,

    /// <summary>The one file that is replaced.</summary>
    Timestamp,
}

/// <param name="Path">Below the repository.</param>
/// <param name="Content">Its size and hashes.</param>
/// <param name="Kind">Whether it ever changes.</param>
public sealed record PublishedFile(string Path, TargetFile Content, PublishedKind Kind);
