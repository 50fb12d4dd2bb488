using Firn.Linux.Interop;

namespace Firn.Linux.Devices;

public static class SystemClock
{
    /// <summary>Whether somebody keeps the kernel's clock right: systemd-timesyncd, chrony, ntpd and others say so.</summary>
    public static bool IsSynchronized
    {
        get
        {
            // zeros ask, and change nothing
            Span<byte> timex = stackalloc byte[Libc.TimexBytes];
            timex.Clear();
            return SystemCall.Check(Libc.AdjustTime(timex), "adjtimex", "the clock") != Libc.ClockIsNotSynchronized;
        }
    }
}
