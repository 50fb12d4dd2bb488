using System.Collections.Immutable;

namespace Firn.Formats.Overlays;

/// <summary>Names of what is known of a machine. An overlay's layers are chosen by them; others can be added.</summary>
public static class NodeFacts
{
    public const string Mac = "mac", Uuid = "uuid", Volume = "volume", Kernel = "kernel", Release = "release",
        Hostname = "hostname", Architecture = "arch", Serial = "serial", Virtualization = "virt";

    /// <summary>Those that a favor may give without their name.</summary>
    public static ImmutableArray<string> Nameless { get; } =
        [Mac, Uuid, Volume, Kernel, Release, Hostname, Architecture, Serial, Virtualization];
}
