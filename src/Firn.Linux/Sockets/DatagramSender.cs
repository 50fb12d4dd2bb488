using System.Net.Sockets;

namespace Firn.Linux.Sockets;

/// <summary>Sends single messages to a path at which somebody must listen; <see cref="UnixSocket.SendTo"/> does not mind when nobody does.</summary>
public static class DatagramSender
{
    /// <exception cref="IOException">Nobody listens there, or not to us.</exception>
    public static void Send(string path, ReadOnlySpan<byte> message)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            socket.Send(message);
        }
        catch (SocketException error)
        {
            throw new IOException($"{path}: cannot send: {error.Message}", error);
        }
    }
}
