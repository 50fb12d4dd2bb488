using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Firn.Supervision.Logs;

/// <summary>Lines as messages of RFC 5424, sent to a collector; what cannot be sent is lost, as with UDP.</summary>
internal sealed class UdpLog
{
    private const int DefaultPort = 514, UserNotice = (1 << 3) + 5;    // facility user, severity notice

    private readonly UdpClient? _client;
    private readonly string _unit;

    public UdpLog(string target, string unit)
    {
        _unit = unit;
        var colon = target.LastIndexOf(':');
        var hasPort = int.TryParse(target.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port);
        try
        {
            _client = new UdpClient(colon > 0 && hasPort ? target[..colon] : target, colon > 0 && hasPort ? port : DefaultPort);
        }
        catch (SocketException)
        {
            _client = null;
        }
    }

    public void Send(ReadOnlySpan<byte> line)
    {
        var time = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        var header = Encoding.UTF8.GetBytes($"<{UserNotice}>1 {time} {Environment.MachineName} {_unit} - - - ");
        try
        {
            _client?.Send([.. header, .. line.TrimEnd((byte)'\n')]);
        }
        catch (SocketException)
        {
            // nobody there now
        }
    }
}
