using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

[Flags]
internal enum WaitFlags { NoHang = 1, Exited = 4, NoWait = 0x1000000 }    // <sys/wait.h>

/// <summary>siginfo_t of a child that ended, on 64-bit Linux.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct ChildSignal
{
    [FieldOffset(8)] public int Code;
    [FieldOffset(16)] public int Pid;
    [FieldOffset(24)] public int Status;
}

[StructLayout(LayoutKind.Sequential)]
internal struct ResourceLimit { public ulong Soft, Hard; }

/// <summary>struct pidfd_info of &lt;linux/pidfd.h&gt;, its first version.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct PidfdInfo
{
    [FieldOffset(0)] public ulong Mask;
    [FieldOffset(60)] public int ExitCode;
}

internal static partial class Libc
{
    internal const int AnyChild = 0;    // P_ALL
    internal const int ChildExited = 1;    // CLD_EXITED
    internal const int SetChildSubreaper = 36;    // PR_SET_CHILD_SUBREAPER, <linux/prctl.h>
    internal const int LimitOpenFiles = 7;    // RLIMIT_NOFILE
    internal const nint PidfdOpenCall = 434, PidfdSendSignalCall = 424;    // the same number on every architecture
    internal const nuint PidfdGetInfo = 0xc040ff0b;    // PIDFD_GET_INFO
    internal const ulong PidfdInfoExit = 8;    // PIDFD_INFO_EXIT

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]  // waitid(2)
    internal static partial int Wait(int idType, int id, out ChildSignal signal, WaitFlags flags);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]  // kill(2)
    internal static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "getpgid", SetLastError = true)]  // getpgid(2)
    internal static partial int GetProcessGroup(int pid);

    internal const int NotNeeded = 4;    // MADV_DONTNEED

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]  // madvise(2)
    internal static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "getppid")]  // getppid(2)
    internal static partial int GetParent();

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]  // prctl(2)
    internal static partial int ProcessControl(int operation, nuint argument, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]  // getrlimit(2)
    internal static partial int GetLimit(int resource, out ResourceLimit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]  // setrlimit(2)
    internal static partial int SetLimit(int resource, in ResourceLimit limit);

    [LibraryImport("libc", EntryPoint = "prlimit", SetLastError = true)]  // prlimit(2)
    internal static partial int SetLimitOf(int pid, int resource, in ResourceLimit limit, nint before);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]  // pidfd_open(2)
    internal static partial nint PidfdOpen(nint call, int pid, uint flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(int descriptor, nuint request, ref PidfdInfo info);

    [LibraryImport("libc", EntryPoint = "geteuid")]  // geteuid(2)
    internal static partial uint GetUser();
}
