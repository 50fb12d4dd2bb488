using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

/// <summary>Calls that name something within an open directory.</summary>
internal static partial class Libc
{
    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]  // openat(2)
    internal static partial int OpenAt(SafeHandle directory, byte[] name, OpenFlags flags, uint mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]  // mkdirat(2)
    internal static partial int MakeDirectoryAt(SafeHandle directory, byte[] name, uint mode);

    [LibraryImport("libc", EntryPoint = "mknodat", SetLastError = true)]  // mknodat(2)
    internal static partial int MakeNodeAt(SafeHandle directory, byte[] name, uint mode, ulong device);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true)]  // symlinkat(2)
    internal static partial int MakeSymlinkAt(byte[] target, SafeHandle directory, byte[] name);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true)]  // linkat(2)
    internal static partial int LinkAt(SafeHandle fromDirectory, byte[] from, SafeHandle toDirectory, byte[] to, int flags);

    internal const int FollowLinks = 0x400;    // AT_SYMLINK_FOLLOW

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true)]
    internal static partial int LinkAt(int fromDirectory, byte[] from, int toDirectory, byte[] to, int flags);

    [LibraryImport("libc", EntryPoint = "fchownat", SetLastError = true)]  // fchownat(2)
    internal static partial int SetOwnerAt(SafeHandle directory, byte[] name, uint uid, uint gid, int flags);

    [LibraryImport("libc", EntryPoint = "fchmodat", SetLastError = true)]  // fchmodat(2)
    internal static partial int SetModeAt(SafeHandle directory, byte[] name, uint mode, int flags);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true)]  // utimensat(2)
    internal static partial int SetTimesAt(SafeHandle directory, byte[] name, ReadOnlySpan<TimeSpec> times, int flags);
}
