using Firn.Formats.Agents;
using Firn.Formats.Boot;
using Firn.Linux.Files;
using Firn.Linux.Processes;
using Firn.Machine.Boot;
using Firn.Machine.Updates;

namespace Firn.Agent.Service;

/// <summary>The machine that this process runs on.</summary>
public sealed class AgentMachine(MachineDisk disk, UpdateControl control, AgentSettings settings, Action reboot) : IAgentMachine
{
    private static readonly TimeSpan MeteredLimit = TimeSpan.FromSeconds(10);

    private readonly SlotStore _slots = new(disk);

    /// <summary>Kept from the moment the restart is asked for: nobody begins now what must not be interrupted.</summary>
    private readonly List<FileLock> _taken = [];

    public MachineStanding Standing()
    {
        var status = control.Status();
        var pending = status.Trial is { HasFailed: false } trial && trial.Slot != status.Running ? trial.Slot : (Slot?)null;
        return new(
            status.Running, status.Version, status.IsConfirmed || status.Running == Slot.Rescue,
            pending is { } slot && slot != Slot.Rescue ? VersionIn(slot) : null);
    }

    /// <summary>A system that a person went back from counts as one that failed: it would be back within the hour.</summary>
    public FailedTrials FailedTrials(string version, DateTimeOffset? since)
    {
        var failed = new FailedTrials(0, null);
        var isInstalled = false;
        foreach (var entry in control.History().Where(entry => !(entry.Time < since)))
            if (entry is { Event: HistoryEvent.Installed }) isInstalled = entry.Version == version;
            else if (entry.Event == HistoryEvent.RolledBack ? isInstalled : entry.Event == HistoryEvent.Failed && entry.Version == version)
                failed = new(failed.Count + 1, entry.Reason);
        return failed;
    }

    public RootVerity? Verity => disk.Verity;

    /// <summary>A program that cannot say it is taken for one that says no: a typing error must not keep a fleet from its updates.</summary>
    public bool IsMetered()
    {
        if (settings.Metered is not { } program) return false;
        try
        {
            return ProgramRun.Run(program, [], MeteredLimit).Succeeded;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    public bool IsRebootSignalled() => File.Exists(settings.RebootSignal);

    public string? HeldLock() => HeldLock(settings);

    /// <summary>What another program has locked against a restart; null for nothing.</summary>
    public static string? HeldLock(AgentSettings settings) => settings.RebootLocks.Where(File.Exists).FirstOrDefault(path =>
    {
        using var taken = FileLock.TryTake(path);
        return taken is null;
    });

    public void Reboot()
    {
        foreach (var path in settings.RebootLocks.Where(File.Exists))
            if (FileLock.TryTake(path) is { } taken) _taken.Add(taken);
        File.Delete(settings.RebootSignal);    // it is for one restart
        reboot();
    }

    private string? VersionIn(Slot slot)
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
