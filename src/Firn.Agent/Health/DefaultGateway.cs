using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Firn.Agent.Health;

/// <summary>Whether the router that all else goes through answers on the wire (ARP): no program and no privilege is needed for that.</summary>
internal static class DefaultGateway
{
    private const int CompleteFlag = 2;    // ATF_COM of <linux/if_arp.h>
    private const int DiscardPort = 9;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public static string? Problem(TimeSpan limit)
    {
        if (Find(File.ReadLines("/proc/net/route")) is not { } gateway) return "there is no default route";
        var end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        do
        {
            socket.SendTo([0], new IPEndPoint(gateway, DiscardPort));    // makes the kernel ask for its address
            Thread.Sleep(Pause);
            if (Answers(File.ReadLines("/proc/net/arp"), gateway)) return null;
        }
        while (Environment.TickCount64 < end);
        return $"{gateway} does not answer";
    }

    /// <summary>Columns of /proc/net/route: interface, destination, gateway in hexadecimal of this machine's byte order.</summary>
    public static IPAddress? Find(IEnumerable<string> routes) => routes.Skip(1).Select(line => line.Split('\t'))
        .Where(columns => columns is [_, "00000000", { Length: 8 }, ..] && columns[2] != "00000000")
        .Select(columns => new IPAddress(uint.Parse(columns[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture))).FirstOrDefault();

    /// <summary>Columns of /proc/net/arp: address, type, flags.</summary>
    public static bool Answers(IEnumerable<string> entries, IPAddress gateway) => entries.Skip(1)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Any(columns => columns is [var address, _, var flags, ..] && address == gateway.ToString() && (Convert.ToInt32(flags, 16) & CompleteFlag) != 0);
}
