namespace Firn.Swu.Building;

/// <summary>How a release is put into a file for SWUpdate.</summary>
public sealed record SwuOptions
{
    /// <summary>The set of software that <c>swupdate -e SET,MODE</c> asks for.</summary>
    public string Set { get; init; } = "stable";

    /// <summary>The modes that write slot a and slot b.</summary>
    public string ModeA { get; init; } = "copy1";
    public string ModeB { get; init; } = "copy2";

    /// <summary>What SWUpdate calls the board; null for the hardware of the release.</summary>
    public string? Board { get; init; }

    /// <summary>Revisions of the board that may take it, as <c>hardware-compatibility</c> lists them.</summary>
    public required IReadOnlyList<string> Revisions { get; init; }

    /// <summary>Images compressed with zstd: little is gained, for they are compressed inside.</summary>
    public bool IsCompressed { get; init; }

    /// <summary>Makes the signature of a description; null leaves the file unsigned.</summary>
    public Func<byte[], byte[]>? Sign { get; init; }
}
