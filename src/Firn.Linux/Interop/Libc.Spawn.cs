using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

[Flags]
internal enum SpawnFlags : short { ResetSignals = 0x04, SignalMask = 0x08, NewSession = 0x80 }    // POSIX_SPAWN_*, <spawn.h>

internal static unsafe partial class Libc
{
    /// <summary>Larger than posix_spawnattr_t, posix_spawn_file_actions_t and sigset_t of glibc and musl.</summary>
    internal const int SpawnObjectSize = 512;

    internal const int BlockSignals = 0;    // SIG_BLOCK

    // posix_spawn(3); all of these return the error number itself
    [LibraryImport("libc", EntryPoint = "posix_spawnp")]
    internal static partial int Spawn(
        out int pid, byte* file, void* fileActions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    internal static partial int InitializeAttributes(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    internal static partial int DestroyAttributes(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    internal static partial int SetFlags(void* attributes, SpawnFlags flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    internal static partial int SetSignalMask(void* attributes, void* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    internal static partial int SetDefaultSignals(void* attributes, void* signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    internal static partial int EmptySignals(void* signals);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    internal static partial int AllSignals(void* signals);

    [LibraryImport("libc", EntryPoint = "sigaddset")]
    internal static partial int AddSignal(void* signals, int signal);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]  // pthread_sigmask(3)
    internal static partial int ChangeSignalMask(int how, void* signals, void* before);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    internal static partial int InitializeFileActions(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    internal static partial int DestroyFileActions(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen")]
    internal static partial int AddOpen(void* actions, int descriptor, byte* path, OpenFlags flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    internal static partial int AddDuplicate(void* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np")]
    internal static partial int AddChangeDirectory(void* actions, byte* path);

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true)]  // execve(2)
    internal static partial int Execute(byte* path, byte** arguments, byte** environment);
}
