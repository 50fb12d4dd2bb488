using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

/// <summary>struct sockaddr_un.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct UnixAddress
{
    public ushort Family;
    public fixed byte Path[108];
}

/// <summary>struct sockaddr_in.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct InternetAddress
{
    public ushort Family, PortBigEndian;
    public uint AddressBigEndian;
}

/// <summary>struct ucred.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PeerCredentials
{
    public int Pid;
    public uint Uid, Gid;
}

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Start;
    public nuint Length;
}

/// <summary>struct msghdr on 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    public byte* Name;
    public uint NameLength;
    private readonly uint _padding;
    public IoVector* Vectors;
    public nuint VectorCount;
    public byte* Control;
    public nuint ControlLength;
    public int Flags;
}

internal static unsafe partial class Libc
{
    internal const int UnixFamily = 1, InternetFamily = 2;    // AF_UNIX, AF_INET
    internal const int Stream = 1, Datagram = 2, SequencedPackets = 5;    // SOCK_*
    internal const int SocketLevel = 1;    // SOL_SOCKET
    internal const int PassCredentials = 16, PeerCredentialsOption = 17, PeekOffset = 42, SendBuffer = 7, SendBufferForce = 32;    // SO_*
    internal const int Rights = 1, Credentials = 2;    // SCM_*
    internal const int NoSignal = 0x4000, Peek = 2, DoNotWait = 0x40, CloseOnExecMessage = 0x40000000;    // MSG_*

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]  // socket(2)
    internal static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]  // socketpair(2)
    internal static partial int SocketPair(int family, int type, int protocol, int* ends);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]  // bind(2)
    internal static partial int Bind(int socket, void* address, uint length);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]  // connect(2)
    internal static partial int Connect(int socket, void* address, uint length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]  // listen(2)
    internal static partial int Listen(int socket, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]  // accept(2)
    internal static partial int Accept(int socket, void* address, uint* length, int flags);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]  // getsockopt(2)
    internal static partial int GetOption(int socket, int level, int option, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    internal static partial int SetOption(int socket, int level, int option, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]  // shutdown(2)
    internal static partial int ShutDown(int socket, int how);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]  // send(2)
    internal static partial nint Send(int socket, byte* start, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    internal static partial nint Send(int socket, byte* start, nuint length, int flags, void* address, uint addressLength);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]  // send(2)
    internal static partial nint Send(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]  // recv(2)
    internal static partial nint Receive(int socket, MessageHeader* message, int flags);
}
