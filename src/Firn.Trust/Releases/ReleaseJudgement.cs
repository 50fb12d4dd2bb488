using System.Text.Json.Serialization;

namespace Firn.Trust.Releases;

/// <summary>Whether a machine takes a release, and why.</summary>
public enum ReleaseVerdict
{
    /// <summary>It may be installed now.</summary>
    Takes,

    /// <summary>It is what runs already.</summary>
    Runs,

    /// <summary>It is older than what runs: nothing ever goes back by itself.</summary>
    Older,

    OtherHardware,

    /// <summary>It is another image for the same hardware.</summary>
    OtherName,

    Revoked,
    Paused,

    /// <summary>What runs is older than the release can follow.</summary>
    TooFar,

    /// <summary>This machine's turn comes later.</summary>
    NotYet,

    /// <summary>No wave reaches this machine so far.</summary>
    NoTurn,
}

/// <param name="Path">Of the manifest, in the repository.</param>
/// <param name="Version">Of the release.</param>
/// <param name="Verdict">What becomes of it.</param>
/// <param name="Reason">In words.</param>
/// <param name="Turn">When it is this machine's turn; null if it always was, or is not known.</param>
/// <param name="Notes">What its publisher says of it.</param>
public sealed record ReleaseJudgement(
    string Path, string Version,
    [property: JsonConverter(typeof(JsonStringEnumConverter<ReleaseVerdict>))] ReleaseVerdict Verdict,
    string Reason, DateTimeOffset? Turn, string? Notes);
