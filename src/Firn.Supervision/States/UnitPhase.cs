namespace Firn.Supervision.States;

/// <summary>Where a unit is in its life. The words are those of its file <c>state</c>.</summary>
public enum UnitPhase { Stopped, ScheduledStart, Starting, StartingFail, Running, Reloading, ScheduledStop, Stopping, Force, Fatal, Fail }

/// <summary>What a unit is meant to be; crash recovery follows it.</summary>
public enum UnitGoal { Down, Up }

/// <summary>Why a unit is where it is.</summary>
public enum UnitReason { None, Command, Dependency, Cycle, Condition, Timeout, Exit, Check, Watchdog, Killed, Uninterruptible, Reload, Memory, Lost }

public static class PhaseNames
{
    private static readonly string[] Names =
        ["STOPPED", "SCHE_START", "STARTING", "STARTING_FAIL", "RUNNING", "RELOADING", "SCHE_STOP", "STOPPING", "FORCE", "FATAL", "FAIL"];

    public static string Name(this UnitPhase phase) => Names[(int)phase];

    public static UnitPhase Parse(string name) => Math.Max(0, Array.IndexOf(Names, name)) is var index ? (UnitPhase)index : default;

    public static string Name(this UnitReason reason) => reason switch
    {
        UnitReason.None => "",
        UnitReason.Memory => "oom",
        _ => reason.ToString().ToLowerInvariant(),
    };
}
