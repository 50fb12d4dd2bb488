using System.Runtime.InteropServices;
using Firn.Linux.Interop;

namespace Firn.Linux.Events;

[Flags]
public enum PollEvents : uint { None = 0, Read = 1, Priority = 2, Write = 4, Error = 8, HangUp = 16 }    // EPOLL*

/// <summary>Waits for many descriptors at once; epoll(7). A token of the caller's says which one something happened to.</summary>
public sealed unsafe class EventPoll : IDisposable
{
    private const int Most = 256;

    // struct epoll_event is packed on x86-64 only
    private static readonly bool IsPacked = RuntimeInformation.ProcessArchitecture == Architecture.X64;
    private static readonly int TokenOffset = IsPacked ? 4 : 8;
    private static readonly int EventSize = IsPacked ? 12 : 16;

    private readonly Descriptor _poll = new(SystemCall.Check(Libc.EpollCreate(Libc.CloseOnExec), "epoll", "of this process"));
    private readonly byte[] _events = GC.AllocateArray<byte>(Most * EventSize, pinned: true);

    public void Add(Descriptor descriptor, PollEvents events, long token) =>
        SystemCall.Check(Control(EpollOperation.Add, descriptor.Number, events, token), "watch", descriptor.Path);

    public void Change(Descriptor descriptor, PollEvents events, long token) =>
        SystemCall.Check(Control(EpollOperation.Change, descriptor.Number, events, token), "watch", descriptor.Path);

    /// <summary>Before closing it: an event that is already known is still told.</summary>
    public void Remove(Descriptor descriptor) => _ = Control(EpollOperation.Remove, descriptor.Number, PollEvents.None, 0);

    /// <param name="milliseconds">-1 waits without end.</param>
    /// <returns>How many there are; 0 when the time is over or a signal came.</returns>
    public int Wait(int milliseconds)
    {
        fixed (byte* events = _events) return Math.Max(0, Libc.EpollWait(_poll.Number, events, Most, milliseconds));
    }

    public (PollEvents Events, long Token) this[int index]
    {
        get
        {
            var at = _events.AsSpan(index * EventSize);
            return ((PollEvents)MemoryMarshal.Read<uint>(at), MemoryMarshal.Read<long>(at[TokenOffset..]));
        }
    }

    public void Dispose() => _poll.Dispose();

    private int Control(EpollOperation operation, int descriptor, PollEvents events, long token)
    {
        var change = stackalloc byte[16];
        *(uint*)change = (uint)events;
        *(long*)(change + TokenOffset) = token;
        return Libc.EpollControl(_poll.Number, operation, descriptor, change);
    }
}
