using Firn.Linux.Events;
using Firn.Linux.Processes;
using Firn.Supervision.States;
using Firn.Supervision.Units;

namespace Firn.Supervision.Engine;

/// <summary>A unit in the manager: what it is to be, what it is, its processes, and when it wants to be looked at again.</summary>
internal sealed class Unit(string name)
{
    public const long Never = long.MaxValue;

    public string Name { get; } = name;

    /// <summary>Its own, without those of its template.</summary>
    public UnitProperties Properties { get; set; } = new();
    public UnitDefinition Definition { get; set; } = new() { Name = name };

    /// <summary>Whether anyone has said what it is; a name that others only mention is not.</summary>
    public bool IsDefined { get; set; }
    public bool IsMasked { get; set; }

    /// <summary>What its files said when this manager began.</summary>
    public UnitPhase FoundPhase { get; set; }

    /// <summary>It was stopped by a command, or by the end of its manager.</summary>
    public bool WasStopped { get; set; }

    /// <summary>Its recorded process ended while there was no manager.</summary>
    public bool WasLost { get; set; }

    /// <summary>Why it cannot be started as it is written; null when it can.</summary>
    public string? Problem { get; set; }

    public UnitStatus Status { get; set; }
    public UnitPhase Phase => Status.Phase;
    public int Unexpected { get; set; }

    /// <summary>When another unit last asked for its start.</summary>
    public int AskedInTurn { get; set; }

    /// <summary>Start commands that are on their way.</summary>
    public int PendingStarts { get; set; }
    public int Restarts { get; set; }
    public string Job { get; set; } = "";
    public bool IsJobOpen { get; set; }
    public string StatusText { get; set; } = "";
    public string Notice { get; set; } = "";

    /// <summary>The main process; 0 when none lives.</summary>
    public int Main { get; set; }
    public ulong MainStart { get; set; }

    /// <summary>The group its processes are in, as long as one may be left.</summary>
    public int Group { get; set; }
    public ProcessEnd? LastEnd { get; set; }

    /// <summary>A main process that is not our child.</summary>
    public Descriptor? Adopted { get; set; }

    /// <summary>Its processes belong neither to us nor to our holder: nobody tells us of their ends.</summary>
    public bool IsForeign { get; set; }

    /// <summary>Processes that left the group: found by what they were started with.</summary>
    public List<int> Strays { get; } = [];
    public bool StraysSearched { get; set; }

    /// <summary>A command that runs for it now.</summary>
    public CommandSequence? Command { get; set; }

    /// <summary>Processes of commands that nobody waits for any more.</summary>
    public List<int> Leftovers { get; } = [];
    public bool PostHasRun { get; set; }
    public bool HasSlot { get; set; }
    public bool IsLaunched { get; set; }
    public string? ControlGroup { get; set; }
    public Descriptor? ReadyPipe { get; set; }
    public Descriptor? ReadyPipeWrite { get; set; }

    public long StartedAt { get; set; }
    public long ChangedAt { get; set; }

    /// <summary>When it was started within the window of its limit; milliseconds of <see cref="Supervisor.Now"/>.</summary>
    public List<StartTime>? Starts { get; set; }
    public int FailedChecks { get; set; }

    /// <summary>It says itself when a reload begins and ends.</summary>
    public bool ReloadIsNotified { get; set; }

    public long PhaseDeadline { get; set; } = Never;
    public long ProbeAt { get; set; } = Never;
    public int ProbeDelay { get; set; }
    public long WatchdogAt { get; set; } = Never;
    public long CheckAt { get; set; } = Never;

    /// <summary>When it is looked whether its processes are gone, for those of which nobody tells us.</summary>
    public long EmptyAt { get; set; } = Never;
    public long NotBefore { get; set; }
    public long QueuedAt { get; set; } = Never;

    public long NextDeadline => Math.Min(Math.Min(PhaseDeadline, ProbeAt), Math.Min(Math.Min(WatchdogAt, CheckAt), EmptyAt));

    public List<Waiter> Waiters { get; } = [];

    // both directions of what units say of each other, made by UnitGraph
    public Unit[] Needs { get; set; } = [];
    public Unit[] NeededBy { get; set; } = [];
    public Unit[] BoundBy { get; set; } = [];
    public Unit[] Parts { get; set; } = [];
    public Unit[] Earlier { get; set; } = [];
    public Unit[] Later { get; set; } = [];
    public string? Cycle { get; set; }

    // what its files say
    public bool IsDirty { get; set; }
    public UnitStatus Written { get; set; } = new((UnitPhase)(-1), (UnitGoal)(-1), Reason: (UnitReason)(-1));
    public string WrittenJob { get; set; } = "";
    public int WrittenMain { get; set; } = -1;
    public int WrittenRestarts { get; set; }

    public bool HasProcesses => Main != 0 || Group != 0 || Leftovers.Count > 0 || Strays.Count > 0 || Command is not null;
}

/// <summary>When a unit was started. A class: a list of numbers would be compiled when the manager starts.</summary>
internal sealed record StartTime(long At);

/// <summary>Commands that run for a unit, one after the other, until one fails.</summary>
/// <param name="Done">Hears whether all succeeded.</param>
internal sealed record CommandSequence(string[][] Commands, Action<bool> Done)
{
    public int Index { get; set; }
    public int Pid { get; set; }
}

/// <summary>Someone who wants to know how a verb ends for a unit.</summary>
/// <param name="JobBefore">The unit's job when the verb came.</param>
internal sealed record Waiter(string Verb, string JobBefore, Action<Unit, WaitProgress> Report);

internal enum WaitProgress { Moving, Done, Failed }
