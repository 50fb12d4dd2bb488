namespace Firn.Supervision.States;

/// <summary>What happens to a unit.</summary>
public enum UnitEvent
{
    StartCommand, StopCommand, RestartCommand, ReloadCommand, ResetFailed,

    /// <summary>All that it waits for is there.</summary>
    DependOk,

    /// <summary>Something that it cannot do without has failed, or it waits for itself.</summary>
    DependFail,

    /// <summary>All that must stop before it has stopped.</summary>
    DependQuit,

    /// <summary>It is ready.</summary>
    ConditionOk,

    /// <summary>It cannot become ready.</summary>
    ConditionFail,

    /// <summary>Its main process ended.</summary>
    ProcessGone,

    /// <summary>The command that looks for it did not find it, as often as allowed.</summary>
    CheckFailed,

    /// <summary>No process of it is left, and what runs after it has run.</summary>
    GroupEmpty,
    ReloadOk, ReloadFail,

    /// <summary>The time of the phase is over.</summary>
    Timeout,

    /// <summary>A process of it was found that an earlier manager had started.</summary>
    Adopted,
}

/// <summary>What is true when an event happens, as far as the table asks.</summary>
/// <param name="IsMasked">It must not be started.</param>
/// <param name="HasProcesses">Some process of it lives.</param>
/// <param name="MayRestart">Its policy and its limit allow one more start.</param>
/// <param name="IsCompletion">It is one that ends by itself, and ended well.</param>
/// <param name="Remains">Having ended well counts as running.</param>
/// <param name="WasStable">It had run long enough for earlier failures to be forgotten.</param>
/// <param name="EndedCleanly">Its process ended as it may.</param>
/// <param name="Reason">Why, for events that are not commands.</param>
public readonly record struct UnitFacts(
    bool IsMasked = false, bool HasProcesses = false, bool MayRestart = false, bool IsCompletion = false,
    bool Remains = false, bool WasStable = false, bool EndedCleanly = false, UnitReason Reason = UnitReason.None);
