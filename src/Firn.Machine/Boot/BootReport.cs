using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Firn.Formats.Boot;

namespace Firn.Machine.Boot;

/// <summary>What a disk boots, now and next.</summary>
/// <param name="Disk">Its name.</param>
/// <param name="Running">The slot this system was booted from; null for a disk that nothing runs from.</param>
/// <param name="IsTrialBoot">The running system is on trial.</param>
/// <param name="Confirmed">The slot that boots when there is no trial.</param>
/// <param name="Next">The slot the next boot starts with.</param>
/// <param name="Trial">The slot on trial, and what became of it; null without one.</param>
/// <param name="Slots">Every slot the disk has.</param>
/// <param name="Verity">Of the root image that runs; null without dm-verity.</param>
public sealed record BootReport(
    string Disk, Slot? Running, bool IsTrialBoot, Slot Confirmed, Slot Next, TrialReport? Trial,
    ImmutableArray<SlotReport> Slots,
    [property: JsonConverter(typeof(JsonStringEnumConverter<RootVerity>))] RootVerity? Verity = null);

/// <param name="Slot">The slot on trial.</param>
/// <param name="TriesLeft">Boots left.</param>
/// <param name="HasFailed">It will not be tried again.</param>
/// <param name="CouldNotBeLoaded">The boot loader could not load its kernel or initramfs.</param>
public sealed record TrialReport(Slot Slot, int TriesLeft, bool HasFailed, bool CouldNotBeLoaded)
{
    /// <param name="state">What the boot loader remembers.</param>
    /// <param name="running">During its last try no tries are left, but nothing has failed yet.</param>
    public static TrialReport? Of(BootState state, Slot? running) => state.Trial is { } trial
        ? new(trial.Slot, trial.TriesLeft, (trial.IsOver || state.LoadFailed) && trial.Slot != running, state.LoadFailed)
        : null;
}
