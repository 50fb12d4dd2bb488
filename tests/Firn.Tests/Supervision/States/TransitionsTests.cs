using Firn.Supervision.States;
using FsCheck;
using FsCheck.Fluent;
using static Firn.Supervision.States.UnitEvent;
using static Firn.Supervision.States.UnitPhase;

namespace Firn.Tests.Supervision.States;

public sealed class TransitionsTests
{
    private static readonly Config Settings = Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(120);

    /// <summary>The rows of the table in docs/reference/pm.md: state, event, what is true, next state, steps.</summary>
    public static TheoryData<int, UnitPhase, UnitEvent, string, UnitPhase, UnitSteps> Rows => new()
    {
        { 1, Stopped, StartCommand, "", ScheduledStart, UnitSteps.BeginJob | UnitSteps.StartDependencies },
        { 1, Stopped, StartCommand, "masked", Stopped, UnitSteps.Refuse },
        { 2, Stopped, StopCommand, "", Stopped, UnitSteps.None },
        { 3, Stopped, ReloadCommand, "", Stopped, UnitSteps.Refuse },
        { 4, ScheduledStart, DependOk, "", Starting, UnitSteps.Launch },
        { 5, ScheduledStart, DependFail, "", Stopped, UnitSteps.EndJob | UnitSteps.FailDependents },
        { 5, ScheduledStart, UnitEvent.Timeout, "", Stopped, UnitSteps.EndJob | UnitSteps.FailDependents },
        { 6, ScheduledStart, StopCommand, "", Stopped, UnitSteps.EndJob | UnitSteps.FailDependents },
        { 7, Starting, ConditionOk, "", Running, UnitSteps.Announce },
        { 8, Starting, ConditionFail, "", StartingFail, UnitSteps.EndJob | UnitSteps.Sweep },
        { 8, Starting, ProcessGone, "", StartingFail, UnitSteps.EndJob | UnitSteps.Sweep },
        { 8, Starting, UnitEvent.Timeout, "", StartingFail, UnitSteps.EndJob | UnitSteps.Sweep },
        { 9, Starting, StopCommand, "", Stopping, UnitSteps.Halt },
        { 10, StartingFail, UnitEvent.Timeout, "up may-restart", ScheduledStart, UnitSteps.BeginJob | UnitSteps.StartDependencies },
        { 11, StartingFail, UnitEvent.Timeout, "up", Stopped, UnitSteps.FailDependents },
        { 12, StartingFail, StopCommand, "", Stopped, UnitSteps.None },
        { 12, Fail, StopCommand, "", Stopped, UnitSteps.None },
        { 12, Fail, StopCommand, "processes", Stopping, UnitSteps.Halt },
        { 13, Running, StartCommand, "", Running, UnitSteps.None },
        { 14, Running, ProcessGone, "completion", Stopped, UnitSteps.EndJob },
        { 14, Running, ProcessGone, "completion remains", Running, UnitSteps.EndJob },
        { 14, Starting, ProcessGone, "completion remains", Running, UnitSteps.EndJob | UnitSteps.Announce },
        { 15, Running, ProcessGone, "", Fail, UnitSteps.EndJob | UnitSteps.StopBound | UnitSteps.Sweep },
        { 15, Running, CheckFailed, "", Fail, UnitSteps.EndJob | UnitSteps.StopBound | UnitSteps.Sweep },
        { 16, Fail, UnitEvent.Timeout, "up may-restart", ScheduledStart, UnitSteps.BeginJob | UnitSteps.StartDependencies },
        { 17, Fail, UnitEvent.Timeout, "up", Stopped, UnitSteps.FailDependents },
        { 18, Running, StopCommand, "", ScheduledStop, UnitSteps.StopDependents },
        { 19, ScheduledStop, DependQuit, "", Stopping, UnitSteps.Halt },
        { 20, ScheduledStop, UnitEvent.Timeout, "", Stopping, UnitSteps.Halt },
        { 21, Stopping, GroupEmpty, "", Stopped, UnitSteps.EndJob },
        { 21, Stopping, GroupEmpty, "wants-restart", ScheduledStart, UnitSteps.EndJob | UnitSteps.BeginJob | UnitSteps.StartDependencies },
        { 22, Stopping, UnitEvent.Timeout, "", Force, UnitSteps.Kill },
        { 23, Force, GroupEmpty, "", Stopped, UnitSteps.EndJob },
        { 24, Force, UnitEvent.Timeout, "", Fatal, UnitSteps.FailDependents },
        { 25, Fatal, GroupEmpty, "", Stopped, UnitSteps.EndJob },
        { 25, Fatal, UnitEvent.ResetFailed, "", Stopped, UnitSteps.EndJob },
        { 25, Fatal, UnitEvent.ResetFailed, "processes", Fatal, UnitSteps.None },
        { 26, Running, RestartCommand, "", ScheduledStop, UnitSteps.RestartDependents },
        { 27, Running, ReloadCommand, "", Reloading, UnitSteps.Reload },
        { 28, Reloading, ReloadOk, "", Running, UnitSteps.None },
        { 28, Reloading, ReloadFail, "", Running, UnitSteps.None },
        { 28, Reloading, UnitEvent.Timeout, "", Running, UnitSteps.None },
        { 28, Reloading, ProcessGone, "", Fail, UnitSteps.EndJob | UnitSteps.StopBound | UnitSteps.Sweep },
        { 29, Stopped, Adopted, "", Running, UnitSteps.Announce },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_row_of_the_table_is_as_it_says(int row, UnitPhase from, UnitEvent what, string facts, UnitPhase to, UnitSteps steps)
    {
        var now = new UnitStatus(from, facts.Contains("up", StringComparison.Ordinal) ? UnitGoal.Up : UnitGoal.Down, facts.Contains("wants-restart", StringComparison.Ordinal));

        var (next, done) = Transitions.Next(now, what, new(
            IsMasked: facts.Contains("masked", StringComparison.Ordinal), HasProcesses: facts.Contains("processes", StringComparison.Ordinal),
            MayRestart: facts.Contains("may-restart", StringComparison.Ordinal), IsCompletion: facts.Contains("completion", StringComparison.Ordinal),
            Remains: facts.Contains("remains", StringComparison.Ordinal)));

        Assert.True(to == next.Phase && steps == done, $"row {row}: {next.Phase}, {done}");
    }

    [Fact]
    public void What_belongs_to_no_row_changes_nothing_and_is_counted()
    {
        foreach (var phase in Enum.GetValues<UnitPhase>())
            foreach (var what in Enum.GetValues<UnitEvent>())
            {
                var now = new UnitStatus(phase);
                var (next, steps) = Transitions.Next(now, what, default);
                if ((steps & UnitSteps.Unexpected) != 0) Assert.Equal((now, UnitSteps.Unexpected), (next, steps));
            }
    }

    [Fact]
    public void A_failed_unit_says_why_and_forgets_when_it_is_reset()
    {
        var (failed, _) = Transitions.Next(new(Running, UnitGoal.Up), ProcessGone, default);
        var (stopped, _) = Transitions.Next(failed, UnitEvent.Timeout, default);
        var (reset, _) = Transitions.Next(stopped, UnitEvent.ResetFailed, default);

        Assert.Equal((UnitReason.Exit, 1), (failed.Reason, failed.Failures));
        Assert.True(stopped.HasFailed);
        Assert.Equal((false, UnitReason.None), (reset.HasFailed, reset.Reason));
    }

    /// <summary>Random commands and misfortunes, in a world that answers as processes do.</summary>
    [Fact]
    public void Whatever_happens_there_is_one_main_process_every_job_ends_and_every_stop_too() => Check.One(Settings, Prop.ForAll(
        Gen.Choose(0, UnitWorld.Choices - 1).ListOf().ToArbitrary(), choices =>
        {
            var world = new UnitWorld();
            foreach (var choice in choices) world.Happen(choice);
            world.StopAndWait();
        }));
}
