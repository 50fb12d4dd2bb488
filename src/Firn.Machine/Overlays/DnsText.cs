using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Firn.Formats.Overlays;
using Firn.Machine.Boot;

namespace Firn.Machine.Overlays;

/// <summary>Asks the machine's name servers for TXT records.</summary>
internal static class DnsText
{
    private const int Port = 53, MaximumDatagram = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <exception cref="IOException">No server answers, or none knows the name.</exception>
    /// <exception cref="InvalidDataException">The records are damaged.</exception>
    public static byte[] Fetch(string name, MachinePaths paths)
    {
        var question = DnsTextQuery.Question(name, BinaryPrimitives.ReadUInt16LittleEndian(RandomNumberGenerator.GetBytes(2)));
        foreach (var server in Servers(Path.Combine(paths.Root, "etc/resolv.conf")))
        {
            try
            {
                if (Ask(server, question) is { } answer) return DnsTextQuery.Assemble(DnsTextQuery.Texts(answer, question));
            }
            catch (SocketException)
            {
                // the next one
            }
        }
        throw new IOException($"dns:{name}: no name server answers");
    }

    /// <summary>resolv.conf(5); a port may follow after <c>#</c>, for tests.</summary>
    private static IEnumerable<IPEndPoint> Servers(string file)
    {
        if (!File.Exists(file)) yield break;
        foreach (var line in File.ReadLines(file))
            if (line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is ["nameserver", var address, ..])
            {
                var (host, port) = address.Split('#') is [var before, var after] && int.TryParse(after, out var number) ? (before, number) : (address, Port);
                if (IPAddress.TryParse(host, out var ip)) yield return new(ip, port);
            }
    }

    private static byte[]? Ask(IPEndPoint server, byte[] question)
    {
        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = (int)Patience.TotalMilliseconds };
            socket.Connect(server);
            socket.Send(question);
            try
            {
                var answer = new byte[MaximumDatagram];
                var count = socket.Receive(answer);
                if (!DnsTextQuery.Answers(answer.AsSpan(0, count), question)) continue;
                return DnsTextQuery.IsTruncated(answer) ? AskByStream(server, question) : answer[..count];
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.TimedOut)
            {
                // once more: datagrams get lost
            }
        }
        return null;
    }

    private static byte[]? AskByStream(IPEndPoint server, byte[] question)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = (int)Patience.TotalMilliseconds };
        socket.Connect(server);
        socket.Send([(byte)(question.Length >> 8), (byte)question.Length, .. question]);
        var answer = Receive(BinaryPrimitives.ReadUInt16BigEndian(Receive(2)));
        return DnsTextQuery.Answers(answer, question) ? answer : null;

        byte[] Receive(int count)
        {
            var bytes = new byte[count];
            for (var at = 0; at < count;)
                at += socket.Receive(bytes, at, count - at, SocketFlags.None) is > 0 and var some ? some : throw new SocketException((int)SocketError.ConnectionReset);
            return bytes;
        }
    }
}
