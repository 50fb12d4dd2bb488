using System.Text;
using Firn.Linux.Events;
using Firn.Linux.Interop;

namespace Firn.Linux.Sockets;

/// <summary>Who is at the other end of a local socket, as the kernel knows it; SO_PEERCRED.</summary>
public readonly record struct Peer(int Pid, uint User, uint Group);

/// <summary>Local sockets by path; unix(7).</summary>
public static unsafe class UnixSocket
{
    public const int LongestPath = 107;

    /// <summary>Listens at a path, in place of whatever socket was there; its owner alone may connect.</summary>
    /// <exception cref="ErrnoException">It cannot.</exception>
    public static Descriptor Listen(string path)
    {
        var socket = Bound(Libc.Stream, path);
        SystemCall.Check(Libc.Listen(socket.Number, 64), "listen", path);
        return socket;
    }

    /// <summary>Receives single messages at a path, each with its sender's credentials.</summary>
    public static Descriptor ReceiveAt(string path)
    {
        var socket = Bound(Libc.Datagram, path);
        var on = 1;
        SystemCall.Check(Libc.SetOption(socket.Number, Libc.SocketLevel, Libc.PassCredentials, &on, sizeof(int)), "pass credentials", path);
        return socket;
    }

    /// <returns>Null when nobody waits.</returns>
    public static Descriptor? Accept(Descriptor listening)
    {
        var number = Libc.Accept(listening.Number, null, null, Libc.CloseOnExec | Libc.NonBlocking);
        return number < 0 ? null : new(number);
    }

    /// <exception cref="ErrnoException">Nobody listens there, or not to us.</exception>
    public static Descriptor Connect(string path)
    {
        var socket = New(Libc.Stream, 0);
        var address = AddressOf(path);
        if (Libc.Connect(socket.Number, &address, (uint)sizeof(UnixAddress)) == 0) return socket;
        var error = new ErrnoException("connect", path, Descriptor.LastError);
        socket.Dispose();
        throw error;
    }

    /// <summary>Whether someone accepts connections at a path.</summary>
    public static bool IsListening(string path)
    {
        using var socket = New(Libc.Stream, Libc.NonBlocking);
        var address = AddressOf(path);
        return Libc.Connect(socket.Number, &address, (uint)sizeof(UnixAddress)) == 0;
    }

    /// <summary>Whether someone accepts connections at a port of this machine, or begins to: ask again if not.</summary>
    public static Descriptor ConnectLocal(int port)
    {
        var socket = new Descriptor(SystemCall.Check(
            Libc.Socket(Libc.InternetFamily, Libc.Stream | Libc.CloseOnExec, 0), "socket", "tcp"));
        var address = new InternetAddress
        {
            Family = Libc.InternetFamily,
            PortBigEndian = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness((ushort)port),
            AddressBigEndian = 0x0100007f,    // 127.0.0.1
        };
        if (Libc.Connect(socket.Number, &address, (uint)sizeof(InternetAddress)) == 0) return socket;
        var error = new ErrnoException("connect", $"127.0.0.1:{port}", Descriptor.LastError);
        socket.Dispose();
        throw error;
    }

    public static Peer PeerOf(Descriptor socket)
    {
        PeerCredentials credentials;
        var length = (uint)sizeof(PeerCredentials);
        SystemCall.Check(
            Libc.GetOption(socket.Number, Libc.SocketLevel, Libc.PeerCredentialsOption, &credentials, &length), "credentials of", socket.Path);
        return new(credentials.Pid, credentials.Uid, credentials.Gid);
    }

    /// <summary>Sends one message to a path, or to an abstract name that begins with <c>@</c>. Nobody there is no error.</summary>
    public static void SendTo(string path, string text)
    {
        using var socket = new Descriptor(SystemCall.Check(
            Libc.Socket(Libc.UnixFamily, Libc.Datagram | Libc.CloseOnExec, 0), "socket", "unix"));
        var address = AddressOf(path);
        var length = (uint)(2 + Encoding.UTF8.GetByteCount(path));
        if (path.StartsWith('@')) address.Path[0] = 0;
        fixed (byte* start = Encoding.UTF8.GetBytes(text))
            _ = Libc.Send(socket.Number, start, (nuint)Encoding.UTF8.GetByteCount(text), Libc.NoSignal, &address, length);
    }

    /// <summary>The next message and who sent it; below 0 when there is none.</summary>
    public static int Receive(Descriptor socket, Span<byte> destination, out int sender)
    {
        sender = 0;
        var control = stackalloc byte[64];
        fixed (byte* start = destination)
        {
            var vector = new IoVector { Start = start, Length = (nuint)destination.Length };
            var message = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = 64 };
            var length = (int)Libc.Receive(socket.Number, &message, Libc.DoNotWait | Libc.CloseOnExecMessage);
            // struct cmsghdr: length (8), level (4), type (4), then the data
            if (length >= 0 && message.ControlLength >= 28 && *(int*)(control + 8) == Libc.SocketLevel && *(int*)(control + 12) == Libc.Credentials)
                sender = *(int*)(control + 16);
            return length;
        }
    }

    private static Descriptor Bound(int type, string path)
    {
        if (Encoding.UTF8.GetByteCount(path) > LongestPath)
            throw new IOException($"{path}: longer than the {LongestPath} bytes that the path of a socket may have");
        File.Delete(path);
        var socket = New(type, Libc.NonBlocking);
        var address = AddressOf(path);
        SystemCall.Check(Libc.Bind(socket.Number, &address, (uint)sizeof(UnixAddress)), "bind", path);
        Files.RawFiles.SetMode(Files.RawPath.From(path), 0x180);
        return socket;
    }

    private static Descriptor New(int type, int flags) =>
        new(SystemCall.Check(Libc.Socket(Libc.UnixFamily, type | flags | Libc.CloseOnExec, 0), "socket", "unix"));

    private static UnixAddress AddressOf(string path)
    {
        var address = new UnixAddress { Family = Libc.UnixFamily };
        var bytes = Encoding.UTF8.GetBytes(path);
        if (bytes.Length > LongestPath) throw new IOException($"{path}: longer than the {LongestPath} bytes that the path of a socket may have");
        bytes.CopyTo(new Span<byte>(address.Path, LongestPath));
        return address;
    }
}
