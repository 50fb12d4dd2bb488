using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

[Flags]
internal enum OpenFlags    // <asm-generic/fcntl.h>; the same numbers on x86-64, arm64 and riscv64
{
    ReadOnly = 0,
    WriteOnly = 0x1,
    ReadWrite = 0x2,
    Create = 0x40,
    Exclusive = 0x80,
    Truncate = 0x200,
    Append = 0x400,
    NoTerminal = 0x100,
    NonBlocking = 0x800,
    CloseOnExec = 0x80000,
}

[Flags]
internal enum SyncRangeFlags : uint { WaitBefore = 1, Write = 2, WaitAfter = 4 }    // SYNC_FILE_RANGE_*

internal enum FileAdvice { DoNotNeed = 4 }    // POSIX_FADV_*

[Flags]
internal enum LockOperation { Exclusive = 2, NonBlocking = 4, Unlock = 8 }    // LOCK_*

internal static partial class Libc
{
    /// <summary>O_NOFOLLOW: refuse a symbolic link as the last part of a path.</summary>
    internal static OpenFlags NoFollow =>
        (OpenFlags)(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000);

    /// <summary>O_DIRECTORY: refuse what is none.</summary>
    internal static OpenFlags Directory =>
        (OpenFlags)(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000);

    /// <summary>O_TMPFILE: a file without a name in the directory at the path.</summary>
    internal static OpenFlags Nameless => (OpenFlags)0x400000 | Directory;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]  // open(2)
    internal static partial int Open(string path, OpenFlags flags, uint mode);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    internal static partial int Open(byte[] path, OpenFlags flags, uint mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]  // flock(2)
    internal static partial int Lock(SafeHandle file, LockOperation operation);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]  // sync_file_range(2)
    internal static partial int SyncFileRange(SafeHandle file, long offset, long length, SyncRangeFlags flags);

    /// <summary>Returns the error number itself; errno is not set.</summary>
    [LibraryImport("libc", EntryPoint = "posix_fadvise")]  // posix_fadvise(2)
    internal static partial int Advise(SafeHandle file, long offset, long length, FileAdvice advice);
}
