namespace Firn.Devices.Watching;

public enum EventSource
{
    /// <summary>udev where it runs, else the kernel.</summary>
    Auto,
    Kernel,
    Udev,

    /// <summary>Only what is sent to the socket.</summary>
    None,
}

/// <summary>Where a daemon looks, listens and writes.</summary>
/// <param name="Rules">Files and directories.</param>
public sealed record DaemonOptions(IReadOnlyList<string> Rules)
{
    public const string DefaultRules = "/etc/firn/devices", DefaultState = "/run/firn/devices", DefaultSocket = "/run/devd.sock";

    public EventSource Source { get; init; } = EventSource.Auto;
    public string State { get; init; } = DefaultState;
    public string Dev { get; init; } = "/dev";

    /// <summary>For datagrams; null: none.</summary>
    public string? Socket { get; init; } = DefaultSocket;

    /// <summary>Whose members may send datagrams besides root; null: nobody.</summary>
    public uint? SocketGroup { get; init; }
    public string? User { get; init; }
    public string? Site { get; init; }
}
