using Firn.Formats.Boot;
using Firn.Machine.Boot;

namespace Firn.Agent.Service;

/// <param name="Slot">That runs.</param>
/// <param name="Running">Version in it; null if it cannot be read.</param>
/// <param name="IsConfirmed">It has proved itself, or is the rescue system.</param>
/// <param name="Pending">Version that boots next, on trial; null for none.</param>
public sealed record MachineStanding(Slot Slot, string? Running, bool IsConfirmed, string? Pending);

/// <param name="Count">Of trials that failed.</param>
/// <param name="Reason">Of the last one.</param>
public sealed record FailedTrials(int Count, string? Reason);

/// <summary>The machine as the agent sees it; quick to ask.</summary>
public interface IAgentMachine
{
    MachineStanding Standing();

    /// <param name="since">Earlier ones do not count; null: all do.</param>
    FailedTrials FailedTrials(string version, DateTimeOffset? since);

    /// <summary>Null when the root image that runs is not checked.</summary>
    RootVerity? Verity { get; }
    bool IsMetered();
    bool IsRebootSignalled();

    /// <summary>A file that another program has locked against a restart; null for none.</summary>
    string? HeldLock();

    /// <summary>Asks for an orderly restart; comes back.</summary>
    void Reboot();
}
