using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

internal static partial class Libc
{
    internal const int PriorityOfProcess = 0;    // PRIO_PROCESS, <sys/resource.h>; a thread's number names that thread

    private const int IoPriorityOfProcess = 1;    // IOPRIO_WHO_PROCESS, <linux/ioprio.h>

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]  // setpriority(2)
    internal static partial int SetPriority(int which, uint who, int priority);

    /// <summary>ioprio_set(2), which has no name in the C library.</summary>
    internal static nint SetIoPriority(int thread, int priority) => Call(
        RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 251 : 30, IoPriorityOfProcess, thread, priority);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]  // syscall(2)
    private static partial nint Call(nint number, nint first, nint second, nint third);
}
