using Firn.Linux.Events;
using Firn.Supervision.Holding;
using Firn.Supervision.Homes;
using Firn.Supervision.Units;

namespace Firn.Supervision.Engine;

/// <param name="Holder">The process that stays when this one dies; 0 when there is none.</param>
/// <param name="Orders">Where the holder takes orders; null when there is none.</param>
/// <param name="InitStream">A file of commands to begin with; empty for none.</param>
/// <param name="AllowGroup">A group whose members may give commands, besides root and the owner.</param>
public sealed record SupervisorOptions(
    PmHome Home, DescriptorStore Store, int Holder = 0, Descriptor? Orders = null, string InitStream = "", int MaxParallel = 0, uint? AllowGroup = null)
{
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>It is the first process of a machine: with it, the machine ends.</summary>
    public bool IsFirst { get; init; }

    /// <summary>What kind of manager it is.</summary>
    public string Kind { get; init; } = ManagerKind.Root;

    /// <summary>For what a person should know and no unit's log has; standard error when null, which costs a start 2 ms.</summary>
    public TextWriter? Messages { get; init; }
}
