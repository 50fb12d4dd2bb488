namespace Firn.Swu.Descriptions;

/// <summary>What one selection of a description installs.</summary>
internal sealed class Collection
{
    /// <summary>For messages: <c>stable,copy1</c>, or "all of it".</summary>
    public required string Name { get; init; }

    /// <summary>Images, files and scripts, each kind in the order of the description.</summary>
    public List<Artefact> Artefacts { get; } = [];

    /// <summary>What the boot loader is to remember; an empty value is forgotten.</summary>
    public OrderedDictionary<string, string> Environment { get; } = [];

    /// <summary>What this program does not do, or what is wrong: each by name.</summary>
    public List<string> Problems { get; } = [];
}
