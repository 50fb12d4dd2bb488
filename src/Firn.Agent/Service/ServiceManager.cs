using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Firn.Agent.Service;

/// <summary>What systemd wants to hear of a service; sd_notify(3). Says nothing where nobody listens.</summary>
public sealed class ServiceManager : IDisposable
{
    private readonly Socket? _socket;

    /// <param name="address">Value of NOTIFY_SOCKET; null or empty: nobody listens.</param>
    /// <param name="watchdogMicroseconds">Value of WATCHDOG_USEC; null: nobody watches.</param>
    public ServiceManager(string? address, string? watchdogMicroseconds)
    {
        if (long.TryParse(watchdogMicroseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0)
            BeatInterval = TimeSpan.FromMicroseconds(microseconds) / 2;
        if (string.IsNullOrEmpty(address)) return;
        _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            _socket.Connect(new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address));
        }
        catch (SocketException)
        {
            _socket = null;
        }
    }

    /// <summary>How often <see cref="Beat"/> is expected; null: never.</summary>
    public TimeSpan? BeatInterval { get; }

    public void Ready() => Tell("READY=1");

    public void Stopping() => Tell("STOPPING=1");

    public void Status(string text) => Tell($"STATUS={text.ReplaceLineEndings(" ")}");

    public void Beat()
    {
        if (BeatInterval is not null) Tell("WATCHDOG=1");
    }

    private void Tell(string text)
    {
        try
        {
            _socket?.Send(Encoding.UTF8.GetBytes(text));
        }
        catch (SocketException)
        {
            // systemd restarts itself now and then; it will ask again
        }
    }

    public void Dispose() => _socket?.Dispose();
}
