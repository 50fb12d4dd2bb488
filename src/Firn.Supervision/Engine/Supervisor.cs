using Firn.Linux.Processes;
using Firn.Supervision.Homes;
using Firn.Supervision.Logs;
using Firn.Supervision.States;
using Firn.Supervision.Units;

namespace Firn.Supervision.Engine;

/// <summary>
/// Drives units through the table of states: one thread, one loop. It sleeps until a process ends, a message comes, or a
/// time is over, and has no timer when nothing waits for one.
/// </summary>
internal sealed class Supervisor
{
    private const int StrayPatience = 200, EmptyPause = 50, RetryPause = 5000, StablePause = 2000;

    private readonly SupervisorOptions _options;
    private readonly Queue<RaisedEvent> _events = new();
    private readonly PriorityQueue<Unit, Deadline> _deadlines = new();
    private readonly List<Unit> _dirty = [];
    private readonly HashSet<Unit> _waitingForSlot = [];
    private readonly Dictionary<string, Unit> _exclusive = [];
    private readonly int _maxParallel;
    private int _slotsTaken, _turn;
    private long _retryAt = Unit.Never;
    private int? _exit;

    public Supervisor(SupervisorOptions options)
    {
        _options = options;
        _maxParallel = options.MaxParallel > 0 ? options.MaxParallel : 2 * Environment.ProcessorCount;
        Units = new(options.Kind);
        Store = new(options.Home);
        Jobs = new(Store);
        Ids = new(options.Clock);
        Logs = new LogPump(options.Store, options.Home);
        Processes = new(this);
        Readiness = new(this);
    }

    public SupervisorOptions Options => _options;
    public PmHome Home => _options.Home;
    public StateStore Store { get; }
    public JobHistory Jobs { get; }
    public JobIds Ids { get; }
    public UnitGraph Units { get; }
    public EventLoop Loop { get; } = new();
    public LogPump Logs { get; }
    public UnitProcesses Processes { get; }
    public UnitReadiness Readiness { get; }

    /// <summary>Hears of every change of a unit's state.</summary>
    public Action<Unit>? Changed { get; set; }

    public static long Now => Environment.TickCount64;

    public void Tell(string message) => (_options.Messages ?? Console.Error).WriteLine($"pm: {message}");

    /// <summary>Works until told to end.</summary>
    /// <returns>The exit code.</returns>
    public int Run()
    {
        var stableAt = Now + StablePause;
        while (_exit is null)
        {
            if (Now >= stableAt)
            {
                stableAt = Unit.Never;
                BecomeQuiet();
            }
            Settle();
            if (_exit is not null) break;
            var count = Loop.RunOnce(Timeout(stableAt));
            Processes.Reap();
            RunDeadlines();
            if (count == 0 || Now - StrayPatience > Processes.StrayDeadline) Processes.SearchStrays();
        }
        Logs.Stop();
        return _exit.Value;
    }

    /// <summary>Ends this process, whatever the units do.</summary>
    public void End(int code) => _exit = code;

    /// <summary>All units are stopped, in order; then <paramref name="then"/> is done.</summary>
    public void StopAll(Action then)
    {
        var remaining = 0;
        var isCounting = true;
        foreach (var unit in new List<Unit>(Units.All))
        {
            if (unit.Phase is UnitPhase.Stopped or UnitPhase.Fatal) continue;
            remaining++;
            unit.Waiters.Add(new("stop", unit.Job, (_, progress) =>
            {
                if (progress != WaitProgress.Moving && --remaining == 0 && !isCounting) then();
            }));
            var goal = unit.Status.Goal;
            Raise(unit, UnitEvent.StopCommand);
            Settle();
            // the goal on disk stays: the next manager starts what this one stopped for its own end
            if (goal == UnitGoal.Up) Store.Write($"{Home.Unit(unit.Name)}/goal", "up");
        }
        isCounting = false;
        if (remaining == 0) then();
    }

    public void Raise(Unit unit, UnitEvent what, UnitReason reason = UnitReason.None)
    {
        if (what is UnitEvent.StartCommand or UnitEvent.RestartCommand) unit.PendingStarts++;
        _events.Enqueue(new(unit, what, reason));
    }

    /// <summary>Handles all that was raised, and writes down what came of it.</summary>
    public void Settle()
    {
        _turn++;
        while (_events.TryDequeue(out var next)) Apply(next.Unit, next.What, next.Reason);
        if (_dirty.Count > 0) Flush();
    }

    public void Schedule(Unit unit)
    {
        var next = unit.NextDeadline;
        if (next >= unit.QueuedAt) return;
        unit.QueuedAt = next;
        _deadlines.Enqueue(unit, new(next));
    }

    /// <summary>The start is over: what only it needed is given back, and the holder hears that this manager does not fail at once.</summary>
    private void BecomeQuiet()
    {
        _options.Orders?.Write("stable\n"u8);
        Jobs.Load();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        ResidentPages.LetGo();
    }

    private int Timeout(long stableAt)
    {
        var next = _deadlines.TryPeek(out _, out var first) ? first.At : Unit.Never;
        next = Math.Min(Math.Min(next, stableAt), Math.Min(_retryAt, Processes.StrayDeadline));
        return next == Unit.Never ? -1 : (int)Math.Clamp(next - Now, 0, int.MaxValue);
    }

    private void RunDeadlines()
    {
        var now = Now;
        while (_deadlines.TryPeek(out var unit, out var deadline) && deadline.At <= now)
        {
            _deadlines.Dequeue();
            if (deadline.At != unit.QueuedAt) continue;    // it was scheduled for an earlier time since
            unit.QueuedAt = Unit.Never;
            if (unit.EmptyAt <= now)
            {
                unit.EmptyAt = now + EmptyPause;
                Processes.CheckEmpty(unit);
            }
            if (unit.ProbeAt <= now) Readiness.Probe(unit);
            if (unit.WatchdogAt <= now) Readiness.WatchdogMissed(unit);
            if (unit.CheckAt <= now) Readiness.Check(unit);
            if (unit.PhaseDeadline <= now)
            {
                unit.PhaseDeadline = Unit.Never;
                if (unit.Phase == UnitPhase.ScheduledStart && unit.NotBefore > 0)
                {
                    unit.NotBefore = 0;
                    SetPhaseDeadline(unit, unit.Definition.DependTimeout);
                    Evaluate(unit);
                }
                else Raise(unit, UnitEvent.Timeout);
            }
            Settle();
            Schedule(unit);
        }
        if (_retryAt <= now)
        {
            Store.Retry();
            _retryAt = Store.IsComplete ? Unit.Never : now + RetryPause;
        }
    }

    private void Apply(Unit unit, UnitEvent what, UnitReason reason)
    {
        Units.Refresh();
        if (what is UnitEvent.StartCommand or UnitEvent.RestartCommand) unit.PendingStarts--;
        var facts = Facts(unit, reason);
        var before = unit.Status;
        var (next, steps) = Transitions.Next(before, what, facts);
        if ((steps & UnitSteps.Unexpected) != 0)
        {
            unit.Unexpected++;
            return;
        }
        unit.Status = next;
        if ((steps & UnitSteps.Refuse) != 0) Notify(unit, WaitProgress.Failed);
        if (before.Phase != next.Phase) Leave(unit, before.Phase);
        if (steps != UnitSteps.None) Do(unit, steps, before);
        if (before == next) return;
        unit.ChangedAt = Now;
        MarkDirty(unit);
        Changed?.Invoke(unit);
        if (before.Phase != next.Phase || before.WantsRestart != next.WantsRestart) TellNeighbours(unit);
        TellWaiters(unit);
    }

    private UnitFacts Facts(Unit unit, UnitReason reason)
    {
        var definition = unit.Definition;
        var endedCleanly = unit.LastEnd is { } end && definition.IsClean(end.Code);
        var mayRestart = unit.Status.Goal == UnitGoal.Up && definition.Restart switch
        {
            RestartPolicy.No => false,
            RestartPolicy.Always => true,
            _ => !endedCleanly || unit.Phase == UnitPhase.StartingFail,
        } && StartsInWindow(unit) < definition.StartLimit;
        return new(
            IsMasked: unit.IsMasked || !unit.IsDefined || unit.Problem is not null || UnitName.IsTemplate(unit.Name),
            HasProcesses: unit.HasProcesses,
            MayRestart: mayRestart,
            IsCompletion: definition.Ready.Kind == ReadyKind.Exit && endedCleanly,
            Remains: definition.Remains || definition.Type == UnitType.Resource,
            WasStable: unit.StartedAt > 0 && Now - unit.StartedAt >= definition.StableTime,
            EndedCleanly: endedCleanly,
            Reason: reason);
    }

    private static int StartsInWindow(Unit unit)
    {
        if (unit.Starts is not { } starts) return 0;
        var oldest = Now - unit.Definition.StartLimitWindow;
        while (starts.Count > 0 && starts[0].At < oldest) starts.RemoveAt(0);
        return starts.Count;
    }

    /// <summary>What belongs to a phase ends with it.</summary>
    private void Leave(Unit unit, UnitPhase phase)
    {
        unit.PhaseDeadline = unit.ProbeAt = Unit.Never;
        if (phase == UnitPhase.ScheduledStart)
        {
            unit.NotBefore = 0;
            _waitingForSlot.Remove(unit);
        }
        if (phase == UnitPhase.Running && unit.Phase != UnitPhase.Reloading) unit.WatchdogAt = unit.CheckAt = Unit.Never;
        if (phase is UnitPhase.Starting or UnitPhase.Reloading || (phase == UnitPhase.ScheduledStart && unit.Phase != UnitPhase.Starting))
        {
            if (phase == UnitPhase.Starting) Readiness.Forget(unit);
            var isReleased = unit.Definition.Exclusive.Length > 0 && _exclusive.GetValueOrDefault(unit.Definition.Exclusive) == unit && _exclusive.Remove(unit.Definition.Exclusive);
            if (unit.HasSlot)
            {
                unit.HasSlot = false;
                _slotsTaken--;
                isReleased = true;
            }
            if (!isReleased || _waitingForSlot.Count == 0) return;
            foreach (var waiting in new List<Unit>(_waitingForSlot)) Evaluate(waiting);
        }
    }

    private void Do(Unit unit, UnitSteps steps, UnitStatus before)
    {
        bool Has(UnitSteps step) => (steps & step) != 0;
        if (Has(UnitSteps.EndJob)) EndJob(unit);
        if (Has(UnitSteps.BeginJob)) BeginJob(unit, before);
        if (Has(UnitSteps.StartDependencies)) StartDependencies(unit);
        if (Has(UnitSteps.FailDependents))
            foreach (var other in unit.NeededBy)
                if (other.Phase == UnitPhase.ScheduledStart) Raise(other, UnitEvent.DependFail);
        if (Has(UnitSteps.StopDependents)) StopDependents(unit, UnitEvent.StopCommand);
        if (Has(UnitSteps.RestartDependents)) StopDependents(unit, UnitEvent.RestartCommand);
        if (Has(UnitSteps.StopBound))
            foreach (var other in unit.BoundBy) Raise(other, UnitEvent.StopCommand);
        if (Has(UnitSteps.Launch)) Launch(unit);
        if (Has(UnitSteps.Announce)) Readiness.Announce(unit);
        if (Has(UnitSteps.Halt)) Processes.Halt(unit);
        if (Has(UnitSteps.Sweep)) Processes.Sweep(unit);
        if (Has(UnitSteps.Kill)) Processes.Kill(unit);
        if (Has(UnitSteps.Reload)) Processes.Reload(unit);
        if (Has(UnitSteps.BackOff)) StartBackOff(unit);
    }

    private void BeginJob(Unit unit, UnitStatus before)
    {
        if (before.Phase is UnitPhase.Fail or UnitPhase.StartingFail) unit.Restarts++;
        unit.Job = Ids.Next();
        unit.IsJobOpen = true;
        unit.LastEnd = null;
        unit.StatusText = "";
        Store.MakeDirectory(Home.Job(unit.Job));
        Store.Write($"{Home.Job(unit.Job)}/parameter", $"s\tunit\t{unit.Name}\ns\treason\t{(before.Phase == UnitPhase.Stopped ? "command" : before.Reason.Name())}\n");
        Jobs.Began(unit);
    }

    private void EndJob(Unit unit)
    {
        if (!unit.IsJobOpen) return;
        unit.IsJobOpen = false;
        var code = unit.LastEnd is { } end ? $"{end.Code}" : unit.Status.Reason == UnitReason.Lost ? "unknown" : unit.Definition.Type == UnitType.Resource && unit.Phase == UnitPhase.Running ? "0" : "1";
        Store.Write($"{Home.Job(unit.Job)}/retcode", code);
        Jobs.Ended(unit);
    }

    private void StartDependencies(Unit unit)
    {
        SetPhaseDeadline(unit, unit.Definition.DependTimeout);
        if (unit.Definition.RestartDelay > 0 && unit.Status.Reason == UnitReason.Command && unit.StartedAt > 0)
        {
            unit.NotBefore = 1;
            SetPhaseDeadline(unit, unit.Definition.RestartDelay);
        }
        if (unit.Cycle is { } cycle)
        {
            // the others are not even asked: they would ask for this one again, without end
            unit.Notice = $"it waits for itself: {cycle}";
            Raise(unit, UnitEvent.DependFail, UnitReason.Cycle);
            return;
        }
        foreach (var names in (string[][])[unit.Definition.Requires, unit.Definition.BindsTo, unit.Definition.Wants])
            foreach (var name in names)
                if (Units.Find(name) is { IsDefined: true, Phase: UnitPhase.Stopped or UnitPhase.Stopping or UnitPhase.ScheduledStop } other && other.AskedInTurn != _turn)
                {
                    other.AskedInTurn = _turn;    // once: units that want each other, and none of which can start, would ask without end
                    Raise(other, UnitEvent.StartCommand);
                }
        Evaluate(unit);
    }

    private void StopDependents(Unit unit, UnitEvent command)
    {
        SetPhaseDeadline(unit, unit.Definition.DependTimeout);
        foreach (var others in (Unit[][])[unit.NeededBy, unit.Parts])
            foreach (var other in others)
                if (other.Phase != UnitPhase.Stopped && other != unit) Raise(other, command);
        Evaluate(unit);
    }

    private void StartBackOff(Unit unit)
    {
        var facts = Facts(unit, UnitReason.None);
        var delay = facts.MayRestart && unit.Status.Goal == UnitGoal.Up
            ? Math.Max(unit.Definition.RestartDelay, RestartDelay.Milliseconds(unit.Status.Failures, Now - unit.StartedAt, unit.Definition.MaxDelay, Random.Shared.NextDouble()))
            : 0;
        if (delay == 0) Raise(unit, UnitEvent.Timeout);
        else SetPhaseDeadline(unit, delay);
    }

    /// <summary>Whether what a unit waits for has come, as far as it waits for others.</summary>
    private void Evaluate(Unit unit)
    {
        if (unit.Phase == UnitPhase.ScheduledStart && unit.NotBefore == 0) EvaluateStart(unit);
        else if (unit.Phase == UnitPhase.ScheduledStop) EvaluateStop(unit);
    }

    private void EvaluateStart(Unit unit)
    {
        foreach (var other in unit.Needs)
        {
            if (other.Phase is UnitPhase.Running or UnitPhase.Reloading) continue;
            var isRequisite = Array.IndexOf(unit.Definition.Requisite, other.Name) >= 0;
            var isHopeless = !other.IsDefined || other.IsMasked || isRequisite || other.Phase == UnitPhase.Fatal
                || (other.Phase == UnitPhase.Stopped && (other.Status.HasFailed || other.Status.Goal == UnitGoal.Down) && !IsPending(other));
            if (isHopeless)
            {
                unit.Notice = other.IsDefined ? $"{other.Name} is not running" : $"{other.Name}: no such unit";
                Raise(unit, UnitEvent.DependFail);
                return;
            }
            if (other.Phase == UnitPhase.Stopped && other.Definition.Ready.Kind == ReadyKind.Exit && !other.Status.HasFailed && other.Status.Goal == UnitGoal.Up && !IsPending(other)) continue;
            return;
        }
        foreach (var other in unit.Earlier)
            if (other.Phase is UnitPhase.ScheduledStart or UnitPhase.Starting or UnitPhase.ScheduledStop or UnitPhase.Stopping || IsPending(other)) return;
        if (!TryTake(unit))
        {
            _waitingForSlot.Add(unit);
            return;
        }
        if (unit.Definition.StartIsWork && !unit.HasSlot)
        {
            if (_slotsTaken >= _maxParallel)
            {
                _waitingForSlot.Add(unit);
                return;
            }
            _waitingForSlot.Remove(unit);
            unit.HasSlot = true;
            _slotsTaken++;
        }
        Raise(unit, UnitEvent.DependOk);
    }

    /// <summary>Of units that exclude each other one at a time; those that wait are asked again when it is done.</summary>
    public bool TryTake(Unit unit)
    {
        var word = unit.Definition.Exclusive;
        if (word.Length == 0) return true;
        if (_exclusive.TryGetValue(word, out var other) && other != unit && other.Phase is UnitPhase.Starting or UnitPhase.Reloading or UnitPhase.ScheduledStart)
        {
            unit.Notice = $"waits for {other.Name}, which is at work on {word}";
            return false;
        }
        _exclusive[word] = unit;
        return true;
    }

    private void EvaluateStop(Unit unit)
    {
        foreach (var others in (Unit[][])[unit.NeededBy, unit.Parts])
            foreach (var other in others)
                if (other != unit && IsGoing(other)) return;
        foreach (var other in unit.Later)
            if (IsGoing(other) && (other.Status.Goal == UnitGoal.Down || other.Status.WantsRestart) && other.Phase is UnitPhase.ScheduledStop or UnitPhase.Stopping or UnitPhase.Force) return;
        Raise(unit, UnitEvent.DependQuit);
    }

    private static bool IsGoing(Unit unit) => unit.Phase is not (UnitPhase.Stopped or UnitPhase.Fatal or UnitPhase.ScheduledStart);

    /// <summary>A start command is on its way to it.</summary>
    private static bool IsPending(Unit unit) => unit.PendingStarts > 0;

    private void TellNeighbours(Unit unit)
    {
        foreach (var others in (Unit[][])[unit.NeededBy, unit.Later, unit.Needs, unit.Earlier])
            foreach (var other in others) Evaluate(other);
        foreach (var name in unit.Definition.PartOf)
            if (Units.Find(name) is { } whole) Evaluate(whole);
    }

    private void Launch(Unit unit)
    {
        unit.StartedAt = Now;
        (unit.Starts ??= []).Add(new(Now));
        unit.IsLaunched = unit.PostHasRun = unit.StraysSearched = false;
        unit.FailedChecks = 0;
        unit.Notice = "";
        SetPhaseDeadline(unit, unit.Definition.StartTimeout);
        if (unit.Definition.StartPre.Length == 0) Processes.LaunchMain(unit);
        else Processes.RunCommands(unit, unit.Definition.StartPre, isOk =>
        {
            if (unit.Phase != UnitPhase.Starting) return;
            if (isOk) Processes.LaunchMain(unit);
            else Raise(unit, UnitEvent.ConditionFail);
        });
    }

    public void SetPhaseDeadline(Unit unit, int milliseconds)
    {
        unit.PhaseDeadline = milliseconds == int.MaxValue ? Unit.Never : Now + milliseconds;
        Schedule(unit);
    }

    public void MarkDirty(Unit unit)
    {
        if (unit.IsDirty) return;
        unit.IsDirty = true;
        _dirty.Add(unit);
    }

    private void Flush()
    {
        foreach (var unit in _dirty)
        {
            unit.IsDirty = false;
            UnitFiles.Write(Store, unit);
        }
        _dirty.Clear();
        if (!Store.IsComplete && _retryAt == Unit.Never)
        {
            Tell($"{Home.Path}: state cannot be written: {Store.Problem}; it is tried again every {RetryPause / 1000} seconds");
            _retryAt = Now + RetryPause;
        }
    }

    private void TellWaiters(Unit unit)
    {
        if (unit.Waiters.Count > 0) UnitFiles.Write(Store, unit);    // who hears of it finds it on disk
        for (var i = unit.Waiters.Count - 1; i >= 0; i--)
        {
            var waiter = unit.Waiters[i];
            var progress = VerbOutcome.Of(waiter.Verb, unit.Status, unit.Job != waiter.JobBefore);
            if (progress != WaitProgress.Moving) unit.Waiters.RemoveAt(i);
            waiter.Report(unit, progress);
        }
    }

    private static void Notify(Unit unit, WaitProgress progress)
    {
        foreach (var waiter in new List<Waiter>(unit.Waiters))
        {
            unit.Waiters.Remove(waiter);
            waiter.Report(unit, progress);
        }
    }

    // classes: collections of tuples and numbers would be compiled when the manager starts
    private sealed record RaisedEvent(Unit Unit, UnitEvent What, UnitReason Reason);

    private sealed record Deadline(long At) : IComparable<Deadline>
    {
        public int CompareTo(Deadline? other) => At.CompareTo(other?.At ?? long.MinValue);
    }
}
