using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

/// <summary>struct sockaddr_nl.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetlinkAddress
{
    public ushort Family;
    public ushort Padding;
    public uint Port;
    public uint Groups;
}

internal static partial class Libc
{
    internal const int NetlinkFamily = 16, UeventProtocol = 15;    // AF_NETLINK, NETLINK_KOBJECT_UEVENT
    internal const int Raw = 3;    // SOCK_RAW
    internal const int ReceiveBuffer = 8, ReceiveBufferForce = 33;    // SO_RCVBUF*
    internal const int Truncated = 0x20;    // MSG_TRUNC
}
