using System.Globalization;
using Firn.Linux.Processes;
using Firn.Supervision.Homes;
using Firn.Supervision.States;
using Firn.Supervision.Units;

namespace Firn.Supervision.Engine;

/// <summary>
/// Reads what an earlier manager has left: its units, and the processes it had. A process counts as the recorded one only
/// if number, start time and boot agree. A unit without a process on record may have one all the same (the manager died
/// between the start and the record, or could not write): it is looked for by what it was started with. So nothing is ever
/// started twice.
/// </summary>
internal sealed class Recovery(Supervisor supervisor)
{
    /// <summary>A variable of processes that are commands around a unit's own: none of them is ever taken for it.</summary>
    public const string CommandMark = "PM_COMMAND";

    private readonly HashSet<string> _overJobs = [];
    private bool _isSameBoot;

    public (int Units, int Adopted) Run()
    {
        var home = supervisor.Home;
        var boot = PmHome.CurrentBootId;
        _isSameBoot = StateStore.Read(home.BootId) == boot;
        if (!_isSameBoot) supervisor.Store.Write(home.BootId, boot);
        LoadDefinitions();
        supervisor.Units.Refresh();
        var adopted = 0;
        foreach (var unit in new List<Unit>(supervisor.Units.All))
            if (unit.IsDefined && Restore(unit)) adopted++;
        if (_isSameBoot && adopted < supervisor.Units.Count) adopted += FindUnrecorded();
        foreach (var unit in new List<Unit>(supervisor.Units.All)) Continue(unit);
        supervisor.Settle();
        if (_isSameBoot) supervisor.Processes.OrderReap();
        return (supervisor.Units.Count, adopted);
    }

    private void LoadDefinitions()
    {
        var directories = Directory.GetDirectories(supervisor.Home.Units);
        Array.Sort(directories, StringComparer.Ordinal);
        foreach (var pass in (bool[])[true, false])    // templates first: instances are made of them
            foreach (var directory in directories)
            {
                var name = UnitName.Decode(Path.GetFileName(directory));
                if (UnitName.IsTemplate(name) != pass || !UnitName.IsValid(name)) continue;
                if (StateStore.Read($"{directory}/parameter") is not { } table)
                {
                    if (UnitName.TemplateOf(name) is null) continue;
                    table = "";
                }
                supervisor.Units.Define(supervisor.Units.Get(name), UnitProperties.Parse(table));
            }
    }

    /// <returns>Whether a process of it lives.</returns>
    private bool Restore(Unit unit)
    {
        var directory = supervisor.Home.Unit(unit.Name);
        // a start holds until the machine restarts: what belongs to a device may be gone by then
        var word = StateStore.Read($"{directory}/goal");
        var goal = (word == "up" && _isSameBoot) || (word != "down" && unit.Definition.IsEnabled && !UnitName.IsTemplate(unit.Name));
        unit.IsMasked = File.Exists($"{directory}/masked");
        unit.Status = new(UnitPhase.Stopped, goal ? UnitGoal.Up : UnitGoal.Down);
        if (!_isSameBoot || StateStore.Read($"{directory}/job") is not { Length: > 0 } job) return false;
        unit.Job = job;
        unit.FoundPhase = PhaseNames.Parse(StateStore.Read($"{directory}/state") ?? "STOPPED");
        var reason = StateStore.Read($"{directory}/reason") ?? "";
        unit.Status = unit.Status with { HasFailed = reason.StartsWith("failed", StringComparison.Ordinal) };
        unit.WasStopped = reason is "command" or "killed";
        if (int.TryParse(StateStore.Read($"{directory}/restarts"), NumberStyles.None, CultureInfo.InvariantCulture, out var restarts)) unit.Restarts = restarts;
        var path = supervisor.Home.Job(job);
        if (!Directory.Exists(path)) return false;
        if (StateStore.Read($"{path}/retcode") is { } code)
        {
            // over, and its manager died before it had written what became of the unit
            unit.WasLost = unit.FoundPhase is UnitPhase.Running or UnitPhase.Reloading && !unit.Definition.Remains && unit.Definition.Type != UnitType.Resource;
            if (unit.WasLost && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var known)) unit.LastEnd = new(known, 0);
            return false;
        }
        unit.IsJobOpen = true;
        if (!int.TryParse(StateStore.Read($"{path}/pid"), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
            return false;
        ulong.TryParse(StateStore.Read($"{path}/start"), NumberStyles.None, CultureInfo.InvariantCulture, out var start);
        if (ProcessRecord.Read(pid) is not { } process || process.StartTicks != start)
        {
            unit.WasLost = true;
            _overJobs.Add(job);
            return false;
        }
        if (!process.HasEnded)
        {
            supervisor.Processes.Adopt(unit, process);
            supervisor.Logs.Resume(unit, pid);
            return true;
        }
        _overJobs.Add(job);
        unit.LastEnd = process.Parent == supervisor.Options.Holder ? ProcessEnd.FromStatus(process.WaitStatus) : null;
        unit.WasLost = true;
        unit.Group = process.Group == pid && unit.Definition.Manager.Length == 0 ? pid : 0;
        return false;
    }

    private bool IsOver(string job) => _overJobs.Contains(job) || File.Exists($"{supervisor.Home.Job(job)}/retcode");

    private int FindUnrecorded()
    {
        var found = 0;
        foreach (var pid in ProcessRecord.All())
            if (ProcessRecord.Read(pid) is { HasEnded: false } process && process.Session == pid
                && ProcessRecord.Variable(pid, "PM_HOME") == supervisor.Home.Path
                && ProcessRecord.Variable(pid, "PM_JOB") is { } job && !IsOver(job)
                && ProcessRecord.Variable(pid, "PM_UNIT") is { } name && supervisor.Units.Find(name) is { IsDefined: true, Main: 0 } unit)
            {
                if (ProcessRecord.Variable(pid, CommandMark) is not null)
                {
                    Signals.SendToGroup(pid, Signals.Kill);    // what it was part of begins anew
                    continue;
                }
                unit.Job = job;
                unit.IsJobOpen = true;
                supervisor.Store.MakeDirectory(supervisor.Home.Job(job));
                supervisor.Processes.Adopt(unit, process);
                supervisor.Processes.SetMain(unit, pid, process.Group);
                supervisor.Logs.Resume(unit, pid);
                found++;
            }
        return found;
    }

    /// <summary>Goes on where the earlier manager was.</summary>
    private void Continue(Unit unit)
    {
        if (!unit.IsDefined) return;
        supervisor.MarkDirty(unit);
        var isUp = unit.Status.Goal == UnitGoal.Up;
        if (unit.Main != 0)
        {
            unit.StartedAt = Supervisor.Now;
            supervisor.Raise(unit, UnitEvent.Adopted);
            if (!isUp) supervisor.Raise(unit, UnitEvent.StopCommand);
        }
        else if (unit.FoundPhase == UnitPhase.Running && !unit.WasLost && !unit.IsJobOpen)    // it runs without a process
        {
            supervisor.Raise(unit, UnitEvent.Adopted);
            if (!isUp) supervisor.Raise(unit, UnitEvent.StopCommand);
        }
        else if (unit.WasLost && unit.FoundPhase is UnitPhase.Running or UnitPhase.Reloading)
        {
            // it ended while there was no manager: what would have happened then happens now
            supervisor.Logs.Resume(unit, 0);
            unit.IsLaunched = true;
            var isKnown = unit.LastEnd is not null;
            supervisor.Raise(unit, UnitEvent.Adopted);
            supervisor.Raise(unit, UnitEvent.ProcessGone, isKnown ? UnitReason.None : UnitReason.Lost);
            if (!isUp) supervisor.Raise(unit, UnitEvent.StopCommand);
        }
        else
        {
            supervisor.Logs.Resume(unit, 0);
            if (unit.IsJobOpen) supervisor.Store.Write($"{supervisor.Home.Job(unit.Job)}/retcode", unit.LastEnd is { } end ? $"{end.Code}" : "unknown");
            unit.IsJobOpen = false;
            unit.Group = 0;
            // one that has failed or is done stays so; one that a manager stopped for its own end goes on
            var hasEndedBefore = unit.Job.Length > 0 && unit.FoundPhase == UnitPhase.Stopped && !unit.WasStopped;
            if (isUp && !hasEndedBefore && !unit.IsMasked) supervisor.Raise(unit, UnitEvent.StartCommand);
        }
    }
}
