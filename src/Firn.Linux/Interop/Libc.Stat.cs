using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

/// <summary>statx(2): the one stat structure that is the same on every architecture.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal struct StatX
{
    public uint Mask, BlockSize;
    public ulong Attributes;
    public uint LinkCount, Uid, Gid;
    public ushort Mode, Padding;
    public ulong Inode, Size, Blocks, AttributesMask;
    public StatXTime Accessed, Created, Changed, Modified;
    public uint DeviceMajor, DeviceMinor, HostMajor, HostMinor;
}

[StructLayout(LayoutKind.Sequential)]
internal struct StatXTime
{
    public long Seconds;
    public uint Nanoseconds;
    public int Padding;
}

[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec { public long Seconds, Nanoseconds; }

internal static partial class Libc
{
    internal const int CurrentDirectory = -100;    // AT_FDCWD
    internal const int DoNotFollowLinks = 0x100;    // AT_SYMLINK_NOFOLLOW
    internal const int EmptyPath = 0x1000;    // AT_EMPTY_PATH
    internal const uint BasicStats = 0x7ff;    // STATX_BASIC_STATS

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]  // statx(2)
    internal static partial int StatX(int directory, byte[] path, int flags, uint mask, out StatX status);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]  // statx(2)
    internal static partial int StatX(SafeHandle file, byte[] path, int flags, uint mask, out StatX status);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true)]  // mkdir(2)
    internal static partial int MakeDirectory(byte[] path, uint mode);

    [LibraryImport("libc", EntryPoint = "mknod", SetLastError = true)]  // mknod(2)
    internal static partial int MakeNode(byte[] path, uint mode, ulong device);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true)]  // chmod(2)
    internal static partial int SetMode(byte[] path, uint mode);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true)]  // utimensat(2)
    internal static partial int SetTimes(int directory, byte[] path, ReadOnlySpan<TimeSpec> times, int flags);
}
