using System.Text.Json.Serialization;
using Firn.Formats.Boot;
using Firn.Machine.Boot;

namespace Firn.Machine.Updates;

/// <summary>Where a machine stands with its updates.</summary>
/// <param name="Running">The slot that runs; for a disk that nothing runs from, the confirmed one.</param>
/// <param name="Version">Of the release in it; null if that cannot be read.</param>
/// <param name="IsConfirmed">Whether it boots again without a trial.</param>
/// <param name="Trial">The slot on trial; null without one.</param>
/// <param name="Last">The last thing that happened to a slot, with its reason; null if nothing is known.</param>
/// <param name="Verity">Of the root image that runs; null without dm-verity.</param>
/// <param name="Rescue">What the rescue system is at; null where it does not run.</param>
public sealed record UpdateStatus(
    Slot Running, string? Version, bool IsConfirmed, TrialReport? Trial, HistoryEntry? Last,
    [property: JsonConverter(typeof(JsonStringEnumConverter<RootVerity>))] RootVerity? Verity = null, RescueReport? Rescue = null);
