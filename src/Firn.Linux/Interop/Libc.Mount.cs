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
    internal const nint OpenTreeCall = 428;    // the same number on every architecture
    internal const uint OpenTreeClone = 1, OpenTreeCloseOnExec = 0x80000;    // OPEN_TREE_*, <linux/mount.h>

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]  // mount(2)
    internal static partial int Mount(string source, string target, string? type, MountFlags flags, string? data);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]  // open_tree(2)
    internal static partial nint OpenTree(nint call, int directory, string path, uint flags);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]  // umount(2)
    internal static partial int Unmount(string target, int flags);
}
