namespace Firn.Agent.Service;

/// <summary>A watchdog device, where no systemd feeds it: the machine restarts when nobody writes to it any more; Linux, watchdog-api.</summary>
public sealed class HardwareWatchdog : IDisposable
{
    /// <summary>Half of the shortest time that drivers have by default.</summary>
    public static readonly TimeSpan BeatInterval = TimeSpan.FromSeconds(10);

    private readonly FileStream _device;

    /// <exception cref="IOException">There is none, or somebody else feeds it.</exception>
    public HardwareWatchdog(string device) => _device = new(device, FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0);

    public void Beat() => _device.WriteByte(0);

    /// <summary>An agent that is stopped in order disarms it; one that dies does not.</summary>
    public void Dispose()
    {
        _device.WriteByte((byte)'V');
        _device.Dispose();
    }
}
