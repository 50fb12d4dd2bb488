using System.Collections.Immutable;
using Firn.Formats.Boot;
using Firn.Linux.Files;
using Firn.Machine.Boot;

namespace Firn.Machine.Updates;

/// <summary>Status, confirmation and rollback: what follows once a release has been installed.</summary>
public sealed class UpdateControl(MachineDisk disk, IBootLoader bootLoader, MachinePaths paths, TimeProvider clock)
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);

    private readonly SlotStore _slots = new(disk);
    private readonly MachineHistory _history = new(paths.History, clock);
    private readonly TrialNotes _notes = new(paths);

    public UpdateStatus Status()
    {
        var state = bootLoader.Read();
        var running = disk.Running?.Slot ?? state.Confirmed;
        return new(running, Version(running), running == state.Confirmed, TrialReport.Of(state, disk.Running?.Slot), History().LastOrDefault(), disk.Verity);
    }

    /// <summary>Oldest first. A disk that this system does not run from has its history on a data partition, out of reach.</summary>
    public ImmutableArray<HistoryEntry> History() => disk.Running is null ? [] : _history.Read();

    /// <summary>For <see cref="UpdateInstaller"/>: notes that a release is in a slot, before its trial is set.</summary>
    public void RecordInstall(Slot slot, string version)
    {
        if (disk.Running is null) return;
        _notes.Clear();
        _history.Add(HistoryEvent.Installed, slot, version, null);
    }

    /// <summary>Confirms the running slot by hand.</summary>
    /// <exception cref="RefusedException">It cannot be confirmed.</exception>
    public ConfirmResult Confirm()
    {
        using var held = disk.Lock();
        var running = RequireRunning();
        var state = bootLoader.Read();
        if (running.Slot == Slot.Rescue) throw new RefusedException("the rescue slot cannot be confirmed");
        var result = running.Slot == state.Confirmed ? SettleFailedTrial(state) : Confirm(state, running.Slot, "by hand");
        ReleaseGuard();
        return result;
    }

    /// <summary>
    /// What runs at every boot. On a trial: asks the checks, then confirms the running slot, or gives its trial up with
    /// the reason and calls <paramref name="reboot"/>. On a confirmed slot: records why a trial failed, if one did.
    /// </summary>
    public ConfirmResult ConfirmWhenHealthy(
        IReadOnlyList<IHealthCheck> checks, TimeSpan limit, Action reboot, Action<string> log)
    {
        var running = RequireRunning().Slot;
        var state = bootLoader.Read();
        var isOnTrial = running != Slot.Rescue && running != state.Confirmed;
        var result = isOnTrial ? Judge(state, running, checks, limit, log) : WithLock(SettleFailedTrial);
        if (result.Outcome == ConfirmOutcome.TrialAbandoned) reboot();
        else ReleaseGuard();
        return result;
    }

    /// <summary>Back to the system before: ends the running trial, cancels one that has not begun, or switches slots.</summary>
    /// <exception cref="RefusedException">There is no complete system to go back to.</exception>
    public RollbackResult Rollback(CancellationToken cancellation)
    {
        using var held = disk.Lock();
        var state = bootLoader.Read();
        var running = disk.Running?.Slot ?? state.Confirmed;
        if (running == Slot.Rescue)
            throw new RefusedException("the rescue system runs; choose a slot: 'firn boot set a' or 'firn boot set b'");
        if (running != state.Confirmed) return AbandonByHand(state, running);
        return state.Trial is { IsOver: false } && !state.LoadFailed ? Cancel(state, running) : Switch(state, running, cancellation);
    }

    private ConfirmResult Judge(
        BootState before, Slot slot, IReadOnlyList<IHealthCheck> checks, TimeSpan limit, Action<string> log)
    {
        RequireTrial(before, slot);
        _notes.ReachedUserland();
        var problem = HealthChecks.FirstProblem(checks, limit, clock, log);
        return WithLock(state =>
        {
            if (state.Confirmed == slot) return new(ConfirmOutcome.AlreadyConfirmed, slot, problem);    // by hand, meanwhile
            RequireTrial(state, slot);
            if (problem is null) return Confirm(state, slot, "healthy");
            // the reason first: the boot after this one records it
            _notes.GaveUp(problem);
            bootLoader.Write(state.Abandon());
            return new(ConfirmOutcome.TrialAbandoned, slot, problem);
        });
    }

    private static void RequireTrial(BootState state, Slot running)
    {
        if (state.Trial?.Slot != running)
            throw new RefusedException(
                $"slot {running.Name()} runs, but it is neither confirmed nor on trial; 'firn update confirm' confirms it by hand");
    }

    private ConfirmResult Confirm(BootState state, Slot slot, string how)
    {
        bootLoader.Write(state.Confirm(slot));
        _history.Add(HistoryEvent.Confirmed, slot, Version(slot), how);
        _notes.Clear();
        return new(ConfirmOutcome.Confirmed, slot, null);
    }

    private ConfirmResult SettleFailedTrial(BootState state)
    {
        var running = disk.Running!.Slot;
        if (running == Slot.Rescue && state.Trial?.Slot == Slot.Rescue) return LeaveRescue(state);
        if (state.Trial is not { } trial || !(trial.IsOver || state.LoadFailed))
            return new(running == Slot.Rescue ? ConfirmOutcome.NothingToConfirm : ConfirmOutcome.AlreadyConfirmed, running, null);
        var why = _notes.WhyFailed(state);
        // recorded first: recorded twice after a power cut is better than not at all
        _history.Add(HistoryEvent.Failed, trial.Slot, Version(trial.Slot), why);
        bootLoader.Write(state.Settle());
        _notes.Clear();
        return new(ConfirmOutcome.TrialFailureRecorded, trial.Slot, why);
    }

    /// <summary>The rescue system is booted once when asked for; that it came up is all there is to prove.</summary>
    private ConfirmResult LeaveRescue(BootState state)
    {
        bootLoader.Write(state.Settle());
        _notes.Clear();
        return new(ConfirmOutcome.NothingToConfirm, Slot.Rescue, null);
    }

    private void ReleaseGuard() => DurableFile.Replace(paths.Healthy, "");

    private RollbackResult AbandonByHand(BootState state, Slot running)
    {
        _history.Add(HistoryEvent.RolledBack, running, Version(running), "trial given up by hand");
        // settled and not only abandoned: nothing is left to find out about this trial
        bootLoader.Write(state.Settle());
        _notes.Clear();
        return new(RollbackOutcome.TrialAbandoned, state.Confirmed, Version(state.Confirmed), NeedsReboot: true);
    }

    private RollbackResult Cancel(BootState state, Slot running)
    {
        var trial = state.Trial!.Slot;
        bootLoader.Write(state.Settle());
        if (disk.Running is not null)
            _history.Add(HistoryEvent.RolledBack, trial, Version(trial), "trial cancelled by hand before it began");
        return new(RollbackOutcome.TrialCancelled, running, Version(running), NeedsReboot: false);
    }

    private RollbackResult Switch(BootState state, Slot running, CancellationToken cancellation)
    {
        var other = running.Other();
        var release = _slots.CheckComplete(other, cancellation);
        bootLoader.Write(state.Confirm(other));
        if (disk.Running is not null)
            _history.Add(HistoryEvent.RolledBack, other, release.Version, $"by hand, from slot {running.Name()} ({Version(running)})");
        return new(RollbackOutcome.Switched, other, release.Version, NeedsReboot: disk.Running is not null);
    }

    private ConfirmResult WithLock(Func<BootState, ConfirmResult> act)
    {
        using var held = disk.Lock(LockPatience);
        return act(bootLoader.Read());
    }

    private RunningBoot RequireRunning() => disk.Running
        ?? throw new RefusedException($"{disk.Name}: only a running system can be confirmed; use 'firn boot set'");

    private string? Version(Slot slot)
    {
        try
        {
            return _slots.ReadRelease(slot).Version;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
