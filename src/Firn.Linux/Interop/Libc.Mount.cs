using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

[Flags]
internal enum MountFlags : ulong    // MS_*, <linux/mount.h>
{
    ReadOnly = 1,
    NoSetId = 2,
    NoDevices = 4,
    NoExecution = 8,
}

internal static partial class Libc
{
    internal const int DetachMount = 2;    // MNT_DETACH

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]  // mount(2)
    internal static partial int Mount(string source, string target, string? type, MountFlags flags, string? data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]  // umount(2)
    internal static partial int Unmount(string target, int flags);
}
