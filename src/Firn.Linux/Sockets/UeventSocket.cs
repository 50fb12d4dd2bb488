using Firn.Linux.Events;
using Firn.Linux.Interop;

namespace Firn.Linux.Sockets;

/// <summary>Who tells of devices.</summary>
public enum UeventGroup { Kernel = 1, Udev = 2 }

/// <summary>Messages about devices, of the kernel and of udev; netlink(7), NETLINK_KOBJECT_UEVENT.</summary>
public static unsafe class UeventSocket
{
    private const int BufferBytes = 8 << 20;    // some thousand events, while nobody reads
    private const int NoBuffers = 105;    // ENOBUFS

    /// <exception cref="ErrnoException">The kernel refuses.</exception>
    public static Descriptor Open(UeventGroup group)
    {
        var socket = new Descriptor(SystemCall.Check(
            Libc.Socket(Libc.NetlinkFamily, Libc.Raw | Libc.CloseOnExec | Libc.NonBlocking, Libc.UeventProtocol), "socket", "uevents"));
        var (size, on) = (BufferBytes, 1);
        if (Libc.SetOption(socket.Number, Libc.SocketLevel, Libc.ReceiveBufferForce, &size, sizeof(int)) < 0)
            _ = Libc.SetOption(socket.Number, Libc.SocketLevel, Libc.ReceiveBuffer, &size, sizeof(int));    // not root: as large as it may
        SystemCall.Check(Libc.SetOption(socket.Number, Libc.SocketLevel, Libc.PassCredentials, &on, sizeof(int)), "pass credentials", "uevents");
        var address = new NetlinkAddress { Family = Libc.NetlinkFamily, Groups = (uint)group };
        SystemCall.Check(Libc.Bind(socket.Number, &address, (uint)sizeof(NetlinkAddress)), "bind", "uevents");
        return socket;
    }

    /// <summary>The next message of this or of a local socket, and who sent it; below 0 when there is none.</summary>
    public static int Receive(Descriptor socket, Span<byte> destination, out MessageSender sender)
    {
        sender = default;
        var control = stackalloc byte[64];
        NetlinkAddress address = default;
        fixed (byte* start = destination)
        {
            var vector = new IoVector { Start = start, Length = (nuint)destination.Length };
            var message = new MessageHeader
            {
                Name = (byte*)&address,
                NameLength = (uint)sizeof(NetlinkAddress),
                Vectors = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = 64,
            };
            var length = (int)Libc.Receive(socket.Number, &message, Libc.DoNotWait | Libc.CloseOnExecMessage);
            if (length < 0) return length;
            // struct cmsghdr: length (8), level (4), type (4), then struct ucred: pid, uid, gid
            var hasCredentials = message.ControlLength >= 28
                && *(int*)(control + 8) == Libc.SocketLevel && *(int*)(control + 12) == Libc.Credentials;
            sender = new(
                hasCredentials ? *(uint*)(control + 20) : null,
                address.Family == Libc.NetlinkFamily ? address.Port : 0,
                (message.Flags & Libc.Truncated) == 0);
            return length;
        }
    }

    /// <summary>Whether the call before failed because messages were lost; a walk of all devices makes up for it.</summary>
    public static bool HasOverrun => Descriptor.LastError == NoBuffers;
}
