using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

[Flags]
internal enum FileChanges : uint { Written = 0x8, MovedAway = 0x40, MovedHere = 0x80, Removed = 0x200 }    // IN_*

internal static partial class Libc
{
    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]  // inotify_init(2)
    internal static partial int InotifyCreate(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true)]  // inotify_add_watch(2)
    internal static partial int InotifyAdd(int inotify, byte[] path, FileChanges changes);
}
