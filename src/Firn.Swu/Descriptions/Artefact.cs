namespace Firn.Swu.Descriptions;

internal enum ArtefactKind { Image, File, Script }

internal enum Packing { None, Zlib, Zstd }

/// <summary>Something of a .swu file that is to be put somewhere, as its description says.</summary>
internal sealed class Artefact
{
    public required ArtefactKind Kind { get; init; }

    /// <summary>In the archive.</summary>
    public required string FileName { get; init; }

    /// <summary>Of the stored bytes: 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>e.g. <c>raw</c>, <c>archive</c>, <c>shellscript</c>.</summary>
    public required string Type { get; init; }

    public Packing Packing { get; init; }
    public string? Device { get; init; }
    public string? Path { get; init; }

    /// <summary>Where on the device an image begins, in bytes.</summary>
    public long Offset { get; init; }

    /// <summary>Whether a directory that is missing is made.</summary>
    public bool MakesDirectory { get; init; }

    /// <summary>One more argument for a script.</summary>
    public string? Data { get; init; }
}
