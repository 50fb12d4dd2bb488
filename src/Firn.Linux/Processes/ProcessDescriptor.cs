using Firn.Linux.Events;
using Firn.Linux.Interop;

namespace Firn.Linux.Processes;

/// <summary>A process that need not be a child; becomes readable when it ends; pidfd_open(2).</summary>
public static class ProcessDescriptor
{
    /// <returns>Null when there is no such process.</returns>
    public static Descriptor? Open(int pid)
    {
        var number = (int)Libc.PidfdOpen(Libc.PidfdOpenCall, pid, 0);
        return number < 0 ? null : new(number);
    }

    /// <summary>How a process ended that someone else has reaped. Null where the kernel does not tell (before 6.15).</summary>
    public static ProcessEnd? EndOf(Descriptor process)
    {
        var info = new PidfdInfo { Mask = Libc.PidfdInfoExit };
        if (Libc.Ioctl(process.Number, Libc.PidfdGetInfo, ref info) != 0 || (info.Mask & Libc.PidfdInfoExit) == 0) return null;
        return ProcessEnd.FromStatus(info.ExitCode);
    }
}
