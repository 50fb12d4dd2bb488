using Firn.Linux.Interop;

namespace Firn.Linux.Processes;

/// <summary>How a process ended.</summary>
/// <param name="Code">What it exited with; 128 + the number of the signal that ended it.</param>
/// <param name="Signal">The signal that ended it; 0 when it exited.</param>
public readonly record struct ProcessEnd(int Code, int Signal)
{
    /// <param name="status">As wait(2) tells it.</param>
    public static ProcessEnd FromStatus(int status) =>
        (status & 0x7f) is var signal && signal != 0 ? new(128 + signal, signal) : new((status >> 8) & 0xff, 0);
}

/// <summary>The ends of this process's children, its own and those it was given as a subreaper; waitid(2).</summary>
public static class ChildExits
{
    /// <summary>Waits until a child has ended, which stays to be reaped.</summary>
    /// <returns>False when there are no children, or a signal came.</returns>
    public static bool Wait() => Libc.Wait(Libc.AnyChild, 0, out _, WaitFlags.Exited | WaitFlags.NoWait) == 0;

    /// <summary>Reaps one child that has ended: from here on its number may mean another process.</summary>
    public static bool TryReap(out int pid, out ProcessEnd end)
    {
        (pid, end) = (0, default);
        if (Libc.Wait(Libc.AnyChild, 0, out var signal, WaitFlags.Exited | WaitFlags.NoHang) != 0 || signal.Pid == 0) return false;
        pid = signal.Pid;
        end = signal.Code == Libc.ChildExited ? new(signal.Status & 0xff, 0) : new(128 + signal.Status, signal.Status);
        return true;
    }
}
