using System.Text.Json.Serialization;
using Firn.Formats.Boot;

namespace Firn.Machine.Updates;

public enum ConfirmOutcome
{
    /// <summary>The running slot was on trial and is confirmed now.</summary>
    [JsonStringEnumMemberName("confirmed")] Confirmed,

    /// <summary>The running slot was confirmed before.</summary>
    [JsonStringEnumMemberName("already-confirmed")] AlreadyConfirmed,

    /// <summary>The running slot is confirmed; a trial of another one that had failed was recorded and forgotten.</summary>
    [JsonStringEnumMemberName("trial-failure-recorded")] TrialFailureRecorded,

    /// <summary>The rescue slot runs, which is never confirmed.</summary>
    [JsonStringEnumMemberName("nothing-to-confirm")] NothingToConfirm,

    /// <summary>The running slot did not prove itself: its trial is given up and the machine reboots.</summary>
    [JsonStringEnumMemberName("trial-abandoned")] TrialAbandoned,
}

/// <param name="Outcome">What was done.</param>
/// <param name="Slot">The slot it was done to.</param>
/// <param name="Reason">Why it failed, if it did.</param>
public sealed record ConfirmResult(
    [property: JsonConverter(typeof(JsonStringEnumConverter<ConfirmOutcome>))] ConfirmOutcome Outcome, Slot Slot, string? Reason);
