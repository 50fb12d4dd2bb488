using System.Globalization;
using Firn.Linux.Interop;

namespace Firn.Linux.Processes;

/// <summary>How much of the machine this process takes from others.</summary>
public static class ProcessPriority
{
    private const int Lowest = 19;
    private const int IdleClass = 3;    // IOPRIO_CLASS_IDLE, <linux/ioprio.h>
    private const int ClassShift = 13;    // IOPRIO_CLASS_SHIFT

    /// <summary>
    /// Processor and disks are used only while nobody else wants them, as far as the kernel's schedulers do that. For every
    /// thread there is; those to come inherit it.
    /// </summary>
    public static void Lower()
    {
        foreach (var task in Directory.GetDirectories("/proc/self/task"))
        {
            var thread = int.Parse(Path.GetFileName(task), NumberStyles.None, CultureInfo.InvariantCulture);
            // a thread may have ended meanwhile, and a container may forbid it: then it stays as it is
            _ = Libc.SetPriority(Libc.PriorityOfProcess, (uint)thread, Lowest);
            _ = Libc.SetIoPriority(thread, IdleClass << ClassShift);
        }
    }
}
