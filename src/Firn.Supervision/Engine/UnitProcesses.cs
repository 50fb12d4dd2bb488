using System.Globalization;
using Firn.Linux.Events;
using Firn.Linux.Processes;
using Firn.Supervision.States;
using Firn.Supervision.Units;

namespace Firn.Supervision.Engine;

/// <summary>
/// The processes of all units: starting and stopping them, and hearing of their ends. Each unit's are in a session and
/// group of their own; those that leave it are found by the job they were started with, and with a control group by that.
/// </summary>
internal sealed class UnitProcesses
{
    private const int StrayPause = 20, EmptyPause = 50, ReapPause = 10_000;

    private readonly Supervisor _supervisor;
    private readonly Launcher _launcher;
    private readonly ControlGroups _groups;
    private readonly Dictionary<int, Unit> _byPid = [];
    private readonly List<Unit> _searching = [];
    private readonly HashSet<string> _endedJobs = [];
    private HashSet<int>? _liveGroups;
    private long _liveGroupsUntil, _reapAgainAt = Unit.Never;
    private readonly SemaphoreSlim _reaped = new(0);

    public UnitProcesses(Supervisor supervisor)
    {
        _supervisor = supervisor;
        _launcher = new(supervisor.Home);
        _groups = new(supervisor.Home, supervisor.Tell);
    }

    /// <summary>When strays have to be looked for at the latest.</summary>
    public long StrayDeadline { get; private set; } = Unit.Never;

    public void UpdateLimit(Unit unit, string name) => _groups.Update(unit, name);

    public Unit? Find(int pid) => _byPid.GetValueOrDefault(pid);

    public Unit? FindGroup(int group) => Find(group) is { } unit && unit.Group == group ? unit : null;

    /// <summary>From now on the loop hears when a child has ended.</summary>
    public void Watch() => new Thread(() =>
    {
        // One thread that only waits: what a signal would tell, without a signal handler in a runtime that has its own.
        while (true)
        {
            if (ChildExits.Wait())
            {
                _supervisor.Loop.Post(() => { });
                _reaped.Wait();
            }
            else Thread.Sleep(50);    // no child at all
        }
    }, 128 << 10)
    { IsBackground = true, Name = "children" }.Start();

    public void Reap()
    {
        if (Supervisor.Now >= _reapAgainAt) OrderReap();
        var count = 0;
        while (ChildExits.TryReap(out var pid, out var end))
        {
            count++;
            if (_byPid.Remove(pid, out var unit)) Ended(unit, pid, end);
            if (count % 64 == 0) _supervisor.Settle();
        }
        if (count > 0 && _reaped.CurrentCount == 0) _reaped.Release();
    }

    public void LaunchMain(Unit unit)
    {
        var definition = unit.Definition;
        if (definition.Run.Length == 0)    // a resource that is there already, if its check says so
        {
            unit.LastEnd = new(0, 0);
            _supervisor.Raise(unit, UnitEvent.ProcessGone);
            return;
        }
        unit.ControlGroup = _groups.Prepare(unit);
        var extra = _supervisor.Readiness.Prepare(unit);
        var (pid, failedWith, reason) = Start(unit, definition.Run, extra, definition.HasTerminal);
        if (pid == 0)
        {
            unit.LastEnd = new(failedWith, 0);
            unit.Notice = reason;
            _supervisor.Readiness.Forget(unit);
            _supervisor.Raise(unit, UnitEvent.ConditionFail);
            return;
        }
        unit.IsLaunched = true;
        unit.IsForeign = false;
        SetMain(unit, pid, pid);
        _supervisor.Readiness.Begin(unit);
    }

    /// <summary>
    /// The group of a process of a unit, if all who are in it are the unit's: it leads it, or it comes from a start of the
    /// unit, which was in a session of its own. 0 if others may be in it, as with a number from a pid file.
    /// </summary>
    public static int GroupOf(Unit unit, ProcessRecord process) =>
        process.Group == process.Pid || process.Group == unit.Group || ProcessRecord.Variable(process.Pid, "PM_JOB") == unit.Job ? process.Group : 0;

    /// <summary>Another process is the main one from now on: it said so, or its pid file does.</summary>
    public void SetMain(Unit unit, int pid, int group)
    {
        if (unit.Main != 0 && unit.Main != pid && _byPid.Remove(unit.Main)) unit.Leftovers.Add(unit.Main);
        foreach (var leftover in unit.Leftovers) _byPid[leftover] = unit;
        unit.Leftovers.Remove(pid);
        unit.Main = pid;
        unit.Group = group;
        unit.MainStart = ProcessRecord.Read(pid)?.StartTicks ?? 0;
        _byPid[pid] = unit;
        var job = _supervisor.Home.Job(unit.Job);
        _supervisor.Store.Write($"{job}/start", unit.MainStart.ToString(CultureInfo.InvariantCulture));
        _supervisor.Store.Write($"{job}/pid", pid.ToString(CultureInfo.InvariantCulture));
        _supervisor.MarkDirty(unit);
    }

    /// <summary>A process of an earlier manager: ours to watch, though not our child.</summary>
    public void Adopt(Unit unit, ProcessRecord process)
    {
        unit.Main = process.Pid;
        unit.MainStart = process.StartTicks;
        unit.Group = GroupOf(unit, process);
        unit.IsLaunched = true;
        unit.IsForeign = process.Parent != _supervisor.Options.Holder && process.Parent != Environment.ProcessId;
        unit.ControlGroup = _groups.Resume(unit);
        _byPid[process.Pid] = unit;
        if (ProcessDescriptor.Open(process.Pid) is not { } descriptor) return;
        unit.Adopted = descriptor;
        _supervisor.Loop.Watch(descriptor, PollEvents.Read, _ => AdoptedEnded(unit, process.Pid));
    }

    private void AdoptedEnded(Unit unit, int pid)
    {
        if (unit.Adopted is not { } descriptor) return;
        _supervisor.Loop.Forget(descriptor);
        unit.Adopted = null;
        // the holder does not reap unless told: the zombie still says how it ended
        var end = ProcessRecord.Read(pid) is { HasEnded: true } zombie && zombie.StartTicks == unit.MainStart && zombie.Parent == _supervisor.Options.Holder
            ? ProcessEnd.FromStatus(zombie.WaitStatus) : ProcessDescriptor.EndOf(descriptor);
        descriptor.Dispose();
        _byPid.Remove(pid);
        Ended(unit, pid, end);
        OrderReap();
    }

    /// <summary>Has the holder reap: what ends below processes of an earlier manager falls to it.</summary>
    public void OrderReap()
    {
        _supervisor.Options.Orders?.Write("reap\n"u8);
        _reapAgainAt = Supervisor.Now + ReapPause;
    }

    /// <param name="end">Null when nobody knows.</param>
    private void Ended(Unit unit, int pid, ProcessEnd? end)
    {
        if (pid == unit.Main)
        {
            unit.Main = 0;
            unit.LastEnd = end;
            // a manager whose holder has died is taken over by the next one, with all that it runs
            if (!Signals.GroupExists(unit.Group) || (unit.Definition.Manager.Length > 0 && unit.Phase is UnitPhase.Running or UnitPhase.Reloading)) unit.Group = 0;
            if (unit.Adopted is { } descriptor)
            {
                _supervisor.Loop.Forget(descriptor);
                descriptor.Dispose();
                unit.Adopted = null;
            }
            _supervisor.MarkDirty(unit);
            if (_groups.RanOutOfMemory(unit)) _supervisor.Raise(unit, UnitEvent.ProcessGone, UnitReason.Memory);
            else if (!_supervisor.Readiness.IsHandover(unit, end))
                _supervisor.Raise(unit, UnitEvent.ProcessGone, end is null ? UnitReason.Lost : UnitReason.None);
            _supervisor.Settle();
        }
        else if (unit.Command is { } command && command.Pid == pid)
        {
            command.Pid = 0;
            CommandEnded(unit, command, end?.Code ?? 1);
        }
        else unit.Leftovers.Remove(pid);
        CheckEmpty(unit);
    }

    /// <summary>Runs commands one after the other; what ran before is left to itself.</summary>
    public void RunCommands(Unit unit, string[][] commands, Action<bool> done)
    {
        Abandon(unit);
        if (commands.Length == 0)
        {
            done(true);
            return;
        }
        unit.Command = new(commands, done);
        RunCommand(unit, unit.Command);
    }

    public void Abandon(Unit unit)
    {
        if (unit.Command is not { } command) return;
        unit.Command = null;
        if (command.Pid == 0) return;
        unit.Leftovers.Add(command.Pid);
        Signals.SendToGroup(command.Pid, Signals.Kill);
    }

    private void RunCommand(Unit unit, CommandSequence sequence)
    {
        var words = sequence.Commands[sequence.Index];
        if (words[0].Length > 1 && words[0][0] == '-') words = [words[0][1..], .. words[1..]];
        var (pid, failedWith, reason) = Start(unit, words, null, isTerminal: false, isCommand: true);
        if (pid == 0)
        {
            unit.Notice = reason;
            CommandEnded(unit, sequence, failedWith);
            return;
        }
        sequence.Pid = pid;
        _byPid[pid] = unit;
    }

    /// <summary>A command that begins with <c>-</c> may fail.</summary>
    private void CommandEnded(Unit unit, CommandSequence sequence, int code)
    {
        var isOk = code == 0 || sequence.Commands[sequence.Index][0].StartsWith('-');
        if (isOk && ++sequence.Index < sequence.Commands.Length)
        {
            RunCommand(unit, sequence);
            return;
        }
        unit.Command = null;
        sequence.Done(isOk);
        _supervisor.Settle();
    }

    private (int Pid, int FailedWith, string Reason) Start(Unit unit, string[] words, (int, string)? extra, bool isTerminal, bool isCommand = false)
    {
        var output = _supervisor.Logs.OutputOf(unit);
        string? terminal = null;
        if (isTerminal) terminal = _supervisor.Logs.TerminalOf(unit);
        var variables = new List<string>();
        if (unit.Definition.Ready.Kind == ReadyKind.Notify || unit.Definition.Watchdog != int.MaxValue)
            variables.Add($"NOTIFY_SOCKET={_supervisor.Home.NotifySocket}");
        if (unit.Definition.Watchdog != int.MaxValue) variables.Add($"WATCHDOG_USEC={unit.Definition.Watchdog * 1000L}");
        if (unit.Definition.Manager.Length > 0) variables.Add($"{ManagerKind.Variable}={unit.Definition.Manager}");
        if (isCommand) variables.Add($"{Recovery.CommandMark}=1");
        if (unit.Main != 0) variables.Add($"MAINPID={unit.Main}");
        if (unit.LastEnd is { } end) variables.AddRange([$"EXIT_CODE={(end.Signal == 0 ? "exited" : "killed")}", $"EXIT_STATUS={end.Code}"]);
        return _launcher.Start(unit, words, output, terminal, extra, variables);
    }

    /// <summary>The stop commands, then the stop signal for whoever is left.</summary>
    public void Halt(Unit unit)
    {
        _supervisor.SetPhaseDeadline(unit, unit.Definition.StopTimeout);
        Abandon(unit);
        if (unit.Definition.Stop.Length > 0 && unit.IsLaunched)
            RunCommands(unit, unit.Definition.Stop, _ =>
            {
                if (unit.Phase is UnitPhase.Stopping or UnitPhase.Force) SignalAll(unit, unit.Definition.StopSignal);
                CheckEmpty(unit);
            });
        else
        {
            SignalAll(unit, unit.Definition.StopSignal);
            CheckEmpty(unit);
        }
    }

    public void Sweep(Unit unit)
    {
        _supervisor.SetPhaseDeadline(unit, unit.Definition.KillTimeout);
        Abandon(unit);
        SignalAll(unit, unit.Definition.StopSignal);
        CheckEmpty(unit);
    }

    public void Kill(Unit unit)
    {
        _supervisor.SetPhaseDeadline(unit, unit.Definition.KillTimeout);
        Abandon(unit);
        unit.PostHasRun = true;    // it had its time
        if (unit.ControlGroup is { } group) ControlGroups.Kill(group);
        SignalAll(unit, Signals.Kill);
        foreach (var stray in unit.Strays) Signals.Send(stray, Signals.Kill);
        foreach (var leftover in unit.Leftovers) Signals.SendToGroup(leftover, Signals.Kill);
        unit.StraysSearched = false;
        CheckEmpty(unit);
    }

    private static void SignalAll(Unit unit, int signal)
    {
        if (unit.Group != 0 && IsStillOurs(unit))
        {
            Signals.SendToGroup(unit.Group, signal);
            if (signal != Signals.Kill) Signals.SendToGroup(unit.Group, Signals.Continue);    // a stopped one could not end
        }
        if (unit.Main != 0 && unit.Main != unit.Group) Signals.Send(unit.Main, signal);
    }

    /// <summary>
    /// Whether the number of a unit's group means that group still. It cannot mean another one as long as anyone is in it; a
    /// process that has the number itself and is not the recorded one shows that nobody was.
    /// </summary>
    private static bool IsStillOurs(Unit unit) =>
        unit.Group == unit.Main || unit.MainStart == 0 || ProcessRecord.Read(unit.Group) is not { } leader || leader.HasEnded || leader.StartTicks <= unit.MainStart;

    public void Reload(Unit unit)
    {
        _supervisor.SetPhaseDeadline(unit, unit.Definition.ReloadTimeout);
        if (!_supervisor.TryTake(unit))
        {
            _supervisor.Raise(unit, UnitEvent.ReloadFail);
            return;
        }
        foreach (var name in unit.Definition.AlsoReload)
            if (_supervisor.Units.Find(name) is { Phase: UnitPhase.Running } other) _supervisor.Raise(other, UnitEvent.ReloadCommand);
        if (unit.Definition.Reload.Length > 0)
            RunCommands(unit, unit.Definition.Reload, isOk => _supervisor.Raise(unit, isOk ? UnitEvent.ReloadOk : UnitEvent.ReloadFail));
        else if (unit.Main != 0 && Signals.Send(unit.Main, unit.Definition.ReloadSignal))
        {
            if (unit.Definition.Ready.Kind != ReadyKind.Notify || !unit.ReloadIsNotified) _supervisor.Raise(unit, UnitEvent.ReloadOk);
        }
        else _supervisor.Raise(unit, UnitEvent.ReloadFail);
    }

    /// <summary>
    /// Where a unit waits for its processes to go: whether all are gone. Then what runs after it runs, and then it is over.
    /// </summary>
    public void CheckEmpty(Unit unit)
    {
        if (unit.Phase is not (UnitPhase.Stopping or UnitPhase.Force or UnitPhase.Fatal or UnitPhase.Fail or UnitPhase.StartingFail)) return;
        if (unit.Phase is UnitPhase.Fail or UnitPhase.StartingFail && unit.PhaseDeadline != Unit.Never && !unit.HasProcesses && unit.PostHasRun) return;
        if (unit.Command is not null) return;
        if (unit.Group != 0 && unit.Main == 0 && (!Signals.GroupExists(unit.Group) || (unit.IsForeign && !LiveGroups().Contains(unit.Group)))) unit.Group = 0;
        for (var i = unit.Leftovers.Count - 1; i >= 0; i--)
            if (!_byPid.ContainsKey(unit.Leftovers[i])) unit.Leftovers.RemoveAt(i);
        for (var i = unit.Strays.Count - 1; i >= 0; i--)
            if (ProcessRecord.Read(unit.Strays[i]) is not { HasEnded: false }) unit.Strays.RemoveAt(i);
        if (unit.ControlGroup is { } group && unit.Main == 0 && ControlGroups.IsPopulated(group))
        {
            PollEmpty(unit);
            return;
        }
        if (unit.Main != 0 || unit.Group != 0 || unit.Leftovers.Count > 0 || unit.Strays.Count > 0)
        {
            PollEmpty(unit);
            return;
        }
        var isStopping = unit.Phase is UnitPhase.Stopping or UnitPhase.Force;
        if (isStopping && !unit.StraysSearched && unit.IsLaunched && unit.ControlGroup is null)
        {
            if (!_searching.Contains(unit)) _searching.Add(unit);
            StrayDeadline = Math.Min(StrayDeadline, Supervisor.Now + StrayPause);
            return;
        }
        if (!isStopping && unit.IsLaunched && unit.ControlGroup is null && _endedJobs.Add(unit.Job))
            StrayDeadline = Math.Min(StrayDeadline, Supervisor.Now + (10 * StrayPause));
        unit.EmptyAt = Unit.Never;
        if (!unit.PostHasRun)
        {
            unit.PostHasRun = true;
            if (unit.Definition.StopPost.Length > 0)
            {
                _supervisor.SetPhaseDeadline(unit, unit.Definition.StopTimeout);
                RunCommands(unit, unit.Definition.StopPost, _ => CheckEmpty(unit));
                return;
            }
        }
        if (unit.ControlGroup is { } over) ControlGroups.Remove(over);
        unit.ControlGroup = null;
        _supervisor.Raise(unit, UnitEvent.GroupEmpty);
        _supervisor.Settle();
    }

    /// <summary>
    /// Groups that have a process which has not ended. A group of zombies counts for the kernel, and those of an earlier
    /// manager without a holder are reaped by someone who may take his time.
    /// </summary>
    private HashSet<int> LiveGroups()
    {
        if (_liveGroups is not null && Supervisor.Now < _liveGroupsUntil) return _liveGroups;
        _liveGroupsUntil = Supervisor.Now + StrayPause;
        _liveGroups = [];
        foreach (var pid in ProcessRecord.All())
            if (ProcessRecord.Read(pid) is { HasEnded: false } process) _liveGroups.Add(process.Group);
        return _liveGroups;
    }

    private void PollEmpty(Unit unit)
    {
        unit.EmptyAt = Supervisor.Now + EmptyPause;
        _supervisor.Schedule(unit);
    }

    /// <summary>
    /// Looks through all processes once for those that left the group of a unit that is ending, or of one that has been
    /// started again since. Called when there is nothing else to do, so that many units that end together share it.
    /// </summary>
    public void SearchStrays()
    {
        if (StrayDeadline == Unit.Never || (_searching.Count == 0 && Supervisor.Now < StrayDeadline)) return;
        StrayDeadline = Unit.Never;
        var jobs = new Dictionary<string, Unit>();
        foreach (var unit in _searching) jobs[unit.Job] = unit;
        foreach (var pid in ProcessRecord.All())
        {
            if (pid == Environment.ProcessId || _byPid.ContainsKey(pid)) continue;
            if (ProcessRecord.Read(pid) is not { HasEnded: false } process || !IsOrphan(process.Parent)) continue;
            if (ProcessRecord.Variable(pid, "PM_HOME") != _supervisor.Home.Path || ProcessRecord.Variable(pid, "PM_JOB") is not { } job) continue;
            if (jobs.TryGetValue(job, out var unit))
            {
                unit.Strays.Add(pid);
                Signals.Send(pid, unit.Phase == UnitPhase.Force ? Signals.Kill : unit.Definition.StopSignal);
            }
            else if (_endedJobs.Contains(job)) Signals.Send(pid, Signals.Kill);
        }
        _endedJobs.Clear();
        var searched = _searching.ToArray();
        _searching.Clear();
        foreach (var unit in searched)
        {
            unit.StraysSearched = true;
            CheckEmpty(unit);
        }
    }

    private bool IsOrphan(int parent) =>
        parent == Environment.ProcessId || parent == _supervisor.Options.Holder || parent == 1 || (_supervisor.Options.Holder == 0 && parent == CurrentProcess.Parent);
}
