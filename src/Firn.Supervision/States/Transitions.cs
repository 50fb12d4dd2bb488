using static Firn.Supervision.States.UnitEvent;
using static Firn.Supervision.States.UnitPhase;
using static Firn.Supervision.States.UnitSteps;

namespace Firn.Supervision.States;

/// <summary>
/// The table of states: what a unit becomes by an event, and what is to be done for it. The numbers are the rows of the
/// table in <c>docs/reference/pm.md</c>.
/// </summary>
public static class Transitions
{
    public static (UnitStatus Next, UnitSteps Steps) Next(UnitStatus now, UnitEvent what, UnitFacts facts) => now.Phase switch
    {
        _ when what == Adopted => (now with { Phase = Running, Reason = UnitReason.None }, Announce),    // 29
        Stopped => WhenStopped(now, what, facts),
        ScheduledStart => WhenScheduledStart(now, what, facts),
        Starting => WhenStarting(now, what, facts),
        StartingFail or Fail => WhenFailed(now, what, facts),
        Running or Reloading => WhenRunning(now, what, facts),
        ScheduledStop => WhenScheduledStop(now, what, facts),
        Stopping or Force => WhenStopping(now, what, facts),
        _ => WhenFatal(now, what, facts),
    };

    private static (UnitStatus, UnitSteps) WhenStopped(UnitStatus now, UnitEvent what, UnitFacts facts) => what switch
    {
        StartCommand or RestartCommand when facts.IsMasked => (now, Refuse),
        StartCommand or RestartCommand => BeginStart(now with { Goal = UnitGoal.Up, Failures = 0, Reason = UnitReason.None }),    // 1
        StopCommand => (now with { Goal = UnitGoal.Down }, None),    // 2
        ReloadCommand => (now, Refuse),    // 3
        UnitEvent.ResetFailed => (now with { HasFailed = false, Failures = 0, Reason = UnitReason.None }, None),
        _ => (now, Unexpected),
    };

    private static (UnitStatus, UnitSteps) WhenScheduledStart(UnitStatus now, UnitEvent what, UnitFacts facts) => what switch
    {
        DependOk => (now with { Phase = Starting }, Launch),    // 4
        DependFail or UnitEvent.Timeout => (now with    // 5
        {
            Phase = Stopped,
            HasFailed = true,
            WantsRestart = false,
            Reason = facts.Reason == UnitReason.Cycle ? UnitReason.Cycle : UnitReason.Dependency,
        }, EndJob | FailDependents),
        StopCommand => (now with { Phase = Stopped, Goal = UnitGoal.Down, WantsRestart = false, Reason = UnitReason.Command }, EndJob | FailDependents),    // 6
        StartCommand or RestartCommand => (now, None),
        ReloadCommand => (now, Refuse),
        UnitEvent.ResetFailed => (now with { Failures = 0 }, None),
        _ => (now, Unexpected),
    };

    private static (UnitStatus, UnitSteps) WhenStarting(UnitStatus now, UnitEvent what, UnitFacts facts) => what switch
    {
        ConditionOk => (now with { Phase = Running, WantsRestart = false, Reason = UnitReason.None }, Announce),    // 7
        ProcessGone when facts.IsCompletion && facts.Remains => (now with { Phase = Running, Failures = 0, Reason = UnitReason.None }, EndJob | Announce),    // 14
        ProcessGone when facts.IsCompletion && facts.HasProcesses => (now with { Phase = Stopping, Failures = 0 }, EndJob | Halt),
        ProcessGone when facts.IsCompletion => (now with { Phase = Stopped, Failures = 0, Reason = UnitReason.None }, EndJob | Announce),    // 14
        ConditionFail or ProcessGone or UnitEvent.Timeout => (now with    // 8
        {
            Phase = StartingFail,
            Failures = now.Failures + 1,
            Reason = what == UnitEvent.Timeout ? UnitReason.Timeout : facts.Reason == UnitReason.None ? UnitReason.Condition : facts.Reason,
        }, EndJob | Sweep),
        StopCommand => (now with { Phase = Stopping, Goal = UnitGoal.Down, WantsRestart = false, Reason = UnitReason.Command }, Halt),    // 9
        RestartCommand => (now with { Phase = Stopping, WantsRestart = true, Reason = UnitReason.Command }, Halt),
        StartCommand => (now, None),
        ReloadCommand => (now, Refuse),
        UnitEvent.ResetFailed => (now with { Failures = 0 }, None),
        _ => (now, Unexpected),
    };

    private static (UnitStatus, UnitSteps) WhenFailed(UnitStatus now, UnitEvent what, UnitFacts facts) => what switch
    {
        UnitEvent.GroupEmpty => (now, BackOff),
        // what is left of it did not go by itself: it must be gone before anything else
        UnitEvent.Timeout when facts.HasProcesses => (now with { Phase = Force, WantsRestart = now.Goal == UnitGoal.Up && facts.MayRestart, HasFailed = !facts.MayRestart }, Kill),
        UnitEvent.Timeout when now.Goal == UnitGoal.Up && facts.MayRestart => BeginStart(now),    // 10, 16
        UnitEvent.Timeout => (now with { Phase = Stopped, HasFailed = !facts.EndedCleanly || now.Phase == StartingFail, WantsRestart = false }, FailDependents),    // 11, 17
        StopCommand when facts.HasProcesses => (now with { Phase = Stopping, Goal = UnitGoal.Down, WantsRestart = false }, Halt),
        StopCommand => (now with { Phase = Stopped, Goal = UnitGoal.Down, WantsRestart = false, Reason = UnitReason.Command }, None),    // 12
        StartCommand or RestartCommand when facts.HasProcesses => (now with { Phase = Stopping, Goal = UnitGoal.Up, WantsRestart = true, Failures = 0 }, Halt),
        StartCommand or RestartCommand => BeginStart(now with { Goal = UnitGoal.Up, Failures = 0 }),
        ReloadCommand => (now, Refuse),
        UnitEvent.ResetFailed => (now with { Failures = 0 }, None),
        ProcessGone => (now, None),
        _ => (now, Unexpected),
    };

    private static (UnitStatus, UnitSteps) WhenRunning(UnitStatus now, UnitEvent what, UnitFacts facts) => what switch
    {
        StartCommand => (now with { Goal = UnitGoal.Up }, None),    // 13
        ProcessGone when facts.IsCompletion && facts.Remains => (now with { Phase = Running }, EndJob),    // 14
        ProcessGone when facts.IsCompletion && facts.HasProcesses => (now with { Phase = Stopping, Failures = 0 }, EndJob | Halt),
        ProcessGone when facts.IsCompletion => (now with { Phase = Stopped, Failures = 0 }, EndJob),    // 14
        ProcessGone or CheckFailed => (now with    // 15, 28
        {
            Phase = Fail,
            Failures = facts.WasStable ? 1 : now.Failures + 1,
            WantsRestart = false,
            Reason = what == CheckFailed ? UnitReason.Check : facts.Reason == UnitReason.None ? UnitReason.Exit : facts.Reason,
        }, EndJob | StopBound | Sweep),
        StopCommand => (now with { Phase = ScheduledStop, Goal = UnitGoal.Down, WantsRestart = false, Reason = UnitReason.Command }, StopDependents),    // 18
        RestartCommand => (now with { Phase = ScheduledStop, WantsRestart = true, Reason = UnitReason.Command }, RestartDependents),    // 26
        ReloadCommand when now.Phase == Running => (now with { Phase = Reloading, Reason = UnitReason.None }, UnitSteps.Reload),    // 27
        ReloadCommand => (now, None),
        ReloadOk when now.Phase == Reloading => (now with { Phase = Running, Reason = UnitReason.None }, None),    // 28
        ReloadFail or UnitEvent.Timeout when now.Phase == Reloading => (now with { Phase = Running, Reason = UnitReason.Reload }, None),    // 28
        UnitEvent.ResetFailed => (now with { Failures = 0 }, None),
        _ => (now, Unexpected),
    };

    private static (UnitStatus, UnitSteps) WhenScheduledStop(UnitStatus now, UnitEvent what, UnitFacts facts) => what switch
    {
        DependQuit or UnitEvent.Timeout => (now with { Phase = Stopping }, Halt),    // 19, 20
        ProcessGone => (now with { Phase = Stopping }, Halt),
        StartCommand => (now with { Goal = UnitGoal.Up, WantsRestart = true }, None),
        RestartCommand => (now with { WantsRestart = true }, None),
        StopCommand => (now with { Goal = UnitGoal.Down, WantsRestart = false }, None),
        ReloadCommand => (now, Refuse),
        UnitEvent.ResetFailed => (now with { Failures = 0 }, None),
        _ => (now, Unexpected),
    };

    private static (UnitStatus, UnitSteps) WhenStopping(UnitStatus now, UnitEvent what, UnitFacts facts) => what switch
    {
        UnitEvent.GroupEmpty when now.WantsRestart => BeginStart(now, EndJob),    // 21
        UnitEvent.GroupEmpty => (now with    // 21, 23
        {
            Phase = Stopped,
            Reason = now.Phase == Force ? UnitReason.Killed : now.Reason,
        }, EndJob),
        UnitEvent.Timeout when now.Phase == Stopping => (now with { Phase = Force }, Kill),    // 22
        UnitEvent.Timeout => (now with { Phase = Fatal, WantsRestart = false, HasFailed = true, Reason = UnitReason.Uninterruptible }, FailDependents),    // 24
        ProcessGone => (now, None),    // the group may have more
        StartCommand => (now with { Goal = UnitGoal.Up, WantsRestart = true }, None),
        RestartCommand => (now with { WantsRestart = true }, None),
        StopCommand => (now with { Goal = UnitGoal.Down, WantsRestart = false }, None),
        ReloadCommand => (now, Refuse),
        UnitEvent.ResetFailed => (now with { Failures = 0 }, None),
        _ => (now, Unexpected),
    };

    private static (UnitStatus, UnitSteps) WhenFatal(UnitStatus now, UnitEvent what, UnitFacts facts) => what switch
    {
        UnitEvent.GroupEmpty => (now with { Phase = Stopped }, EndJob),    // 25
        UnitEvent.ResetFailed when !facts.HasProcesses => (now with { Phase = Stopped, HasFailed = false, Failures = 0 }, EndJob),    // 25
        StopCommand => (now with { Goal = UnitGoal.Down }, None),
        StartCommand or RestartCommand or ReloadCommand => (now, Refuse),
        ProcessGone or UnitEvent.ResetFailed => (now, None),
        _ => (now, Unexpected),
    };

    private static (UnitStatus, UnitSteps) BeginStart(UnitStatus now, UnitSteps first = None) =>
        (now with { Phase = ScheduledStart, WantsRestart = false, HasFailed = false }, first | BeginJob | StartDependencies);
}
