using System.Net;
using System.Net.Sockets;

namespace Firn.Tests;

/// <summary>
/// A line on which one packet in ten is lost: it comes late, as sent again, and with everything behind it; and now and then the
/// connection does not survive it.
/// </summary>
internal sealed class LossyProxy : IDisposable
{
    private const int PacketBytes = 1448, Lost = 10, Fatal = 1;    // of a hundred, and of a thousand
    private static readonly TimeSpan Retransmission = TimeSpan.FromMilliseconds(10);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Uri _server;
    private readonly Random _random = new(1);

    public LossyProxy(Uri server)
    {
        _server = server;
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
    public int LostPackets { get; private set; }
    public int BrokenConnections { get; private set; }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the test has ended
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using var served = client;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _server.Port, _end.Token);
            var (near, far) = (client.GetStream(), server.GetStream());
            _ = near.CopyToAsync(far, _end.Token);
            var packet = new byte[PacketBytes];
            for (int count; (count = await far.ReadAsync(packet, _end.Token)) > 0;)
            {
                if (Chance(Lost * 10))
                {
                    LostPackets++;
                    await Task.Delay(Retransmission, _end.Token);
                }
                if (Chance(Fatal))
                {
                    BrokenConnections++;
                    client.LingerState = new(true, 0);    // a reset, not an end
                    return;
                }
                await near.WriteAsync(packet.AsMemory(0, count), _end.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or SocketException)
        {
            // one of both has had enough
        }
    }

    private bool Chance(int perMille)
    {
        lock (_random) return _random.Next(1000) < perMille;
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
    }
}
