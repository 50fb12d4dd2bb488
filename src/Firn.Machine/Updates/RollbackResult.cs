using System.Text.Json.Serialization;
using Firn.Formats.Boot;

namespace Firn.Machine.Updates;

public enum RollbackOutcome
{
    /// <summary>The running slot was on trial, which is given up.</summary>
    [JsonStringEnumMemberName("trial-abandoned")] TrialAbandoned,

    /// <summary>A release was installed but had not been booted; it will not be.</summary>
    [JsonStringEnumMemberName("trial-cancelled")] TrialCancelled,

    /// <summary>The other slot is the confirmed one now.</summary>
    [JsonStringEnumMemberName("switched")] Switched,
}

/// <param name="Outcome">What was done.</param>
/// <param name="Next">The slot the next boot starts with.</param>
/// <param name="Version">Of the release in it; null if that cannot be read.</param>
/// <param name="NeedsReboot">Whether another slot runs now.</param>
public sealed record RollbackResult(
    [property: JsonConverter(typeof(JsonStringEnumConverter<RollbackOutcome>))] RollbackOutcome Outcome,
    Slot Next, string? Version, bool NeedsReboot);
