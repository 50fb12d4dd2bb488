namespace Firn.Supervision.States;

/// <summary>What is to be done on the way into the next state; done in this order.</summary>
[Flags]
public enum UnitSteps
{
    None = 0,

    /// <summary>The event does not belong to the state: counted, otherwise ignored.</summary>
    Unexpected = 1 << 0,

    /// <summary>The verb is refused.</summary>
    Refuse = 1 << 1,

    /// <summary>The job is over, with what its process ended with or why it could not run.</summary>
    EndJob = 1 << 2,

    /// <summary>A new job.</summary>
    BeginJob = 1 << 3,

    /// <summary>What it requires or wants gets a start command; its own time to wait begins.</summary>
    StartDependencies = 1 << 4,

    /// <summary>What cannot be without it hears that it failed.</summary>
    FailDependents = 1 << 5,

    /// <summary>What cannot be without it is stopped first; its own time to wait begins.</summary>
    StopDependents = 1 << 6,

    /// <summary>The same, and they are to start again after it.</summary>
    RestartDependents = 1 << 7,

    /// <summary>What is bound to it gets a stop command.</summary>
    StopBound = 1 << 8,

    /// <summary>Its commands and its process are started; the start's time begins.</summary>
    Launch = 1 << 9,

    /// <summary>It runs: written down, and what waits for it looks again.</summary>
    Announce = 1 << 10,

    /// <summary>Its stop commands or its stop signal; the stop's time begins.</summary>
    Halt = 1 << 11,

    /// <summary>The stop signal for all that is left of it; the time until it is killed begins.</summary>
    Sweep = 1 << 12,

    /// <summary>SIGKILL for all of it; the last time begins.</summary>
    Kill = 1 << 13,

    /// <summary>Its reload commands or its reload signal; the reload's time begins.</summary>
    Reload = 1 << 14,

    /// <summary>The wait before the next start begins.</summary>
    BackOff = 1 << 15,
}
