using Firn.Linux.Interop;

namespace Firn.Linux.Events;

/// <summary>Lets another thread wake one that waits in an <see cref="EventPoll"/>; eventfd(2).</summary>
public sealed class WakeUp : IDisposable
{
    public Descriptor Descriptor { get; } =
        new(SystemCall.Check(Libc.EventFd(0, Libc.CloseOnExec | Libc.NonBlocking), "eventfd", "of this process"));

    public void Signal() => Descriptor.Write(BitConverter.GetBytes(1UL));

    public void Clear() => Descriptor.Read(stackalloc byte[8]);

    public void Dispose() => Descriptor.Dispose();
}
