using Firn.Agent.Service;
using Firn.Formats.Boot;
using Firn.Machine.Boot;
using Firn.Machine.Updates;

namespace Firn.Agent.Rescue;

/// <summary>
/// Slots that are whole after all: the one beside the confirmed one, on trial, if it has not just failed one; and the confirmed one, when
/// whatever kept it from starting has had time to go by. Nothing is written but the boot state.
/// </summary>
/// <param name="tries">Of a trial.</param>
public sealed class RescueSlots(
    RescueCause cause, SlotStore slots, BootControl boot, UpdateControl updates, int tries, TimeProvider clock) : IRescueSource
{
    private readonly long _begun = clock.GetTimestamp();

    /// <summary>Found not to be whole: reading them again and again would only wear the medium.</summary>
    private readonly HashSet<string> _broken = [];

    /// <summary>A system is read as a whole only when it would be booted.</summary>
    public Task<IReadOnlyList<RescueOffer>> LookAsync(Func<string, bool> isDue, CancellationToken stop)
    {
        var report = boot.Show();
        var (confirmed, other) = (report.Confirmed, report.Confirmed.Other());
        List<RescueOffer> offers = [];
        // another version does not make an overlay
        if (cause != RescueCause.Overlay && !HasFailed(other, report)) Add(other, () => boot.Try(other, tries));
        if (clock.GetElapsedTime(_begun) >= RescueMemory.FirstPause) Add(confirmed, () => { });
        return Task.FromResult<IReadOnlyList<RescueOffer>>(offers);

        void Add(Slot slot, Action prepare)
        {
            var key = $"slot {slot.Name()} install {report.Slots.FirstOrDefault(one => one.Slot == slot)?.Install}";
            if (_broken.Contains(key) || !isDue(key)) return;
            if (Release(slot, stop) is not { } release)
            {
                _broken.Add(key);
                return;
            }
            offers.Add(new(key, $"{release.Version} in slot {slot.Name()}", _ =>
            {
                try
                {
                    prepare();
                }
                catch (RefusedException error)
                {
                    throw new UpdateFailedException(error.Message);
                }
                return Task.CompletedTask;
            }));
        }
    }

    /// <summary>By the state where nobody has recorded it yet.</summary>
    private bool HasFailed(Slot slot, BootReport report) => report.Trial is { HasFailed: true } trial && trial.Slot == slot
        || updates.History().LastOrDefault(entry => entry.Slot == slot)?.Event == HistoryEvent.Failed;

    private Formats.Releases.SlotRelease? Release(Slot slot, CancellationToken stop)
    {
        try
        {
            return slots.CheckComplete(slot, stop);
        }
        catch (Exception error) when (error is RefusedException or IOException)
        {
            return null;
        }
    }
}
