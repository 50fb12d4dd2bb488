using System.Collections.Immutable;
using Firn.Images.VirtualMachines;

namespace Firn.Images.Scenarios;

/// <summary>A story that a disk image is to live through, as a person wrote it; see docs/reference/scenario.md.</summary>
/// <param name="File">Where it was read from; for messages.</param>
/// <param name="Directory">Where relative paths begin and host commands run.</param>
/// <param name="Variables">A null value must be given when it is run.</param>
public sealed record Scenario(
    string Name,
    string File,
    string Directory,
    ScenarioMachine Machine,
    TimeSpan TimeLimit,
    ImmutableSortedDictionary<string, string?> Variables,
    ImmutableArray<ScenarioStep> Steps);

/// <summary>The machine of a scenario. Paths are as written: they may hold variables.</summary>
public sealed record ScenarioMachine
{
    public FirmwareKind Firmware { get; init; } = FirmwareKind.Efi;
    public WatchdogKind Watchdog { get; init; } = WatchdogKind.None;
    public string? Mac { get; init; }
    public Guid? Uuid { get; init; }
    public long MemoryBytes { get; init; } = 1L << 30;
    public int Cpus { get; init; } = 1;
    public long? DiskSizeBytes { get; init; }
    public ImmutableArray<string> Drives { get; init; } = [];
    public ImmutableArray<string> UsbDrives { get; init; } = [];
    public ImmutableArray<PortForward> Forwards { get; init; } = [];

    /// <summary>A directory that the guest reaches over HTTP at <c>${serve}</c>; null for none.</summary>
    public string? Serve { get; init; }
}
