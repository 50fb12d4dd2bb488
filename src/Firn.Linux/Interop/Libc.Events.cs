using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

internal enum EpollOperation { Add = 1, Remove = 2, Change = 3 }    // EPOLL_CTL_*

internal static unsafe partial class Libc
{
    internal const int CloseOnExec = 0x80000;    // EPOLL_CLOEXEC, EFD_CLOEXEC, SOCK_CLOEXEC, O_CLOEXEC
    internal const int NonBlocking = 0x800;    // EFD_NONBLOCK, SOCK_NONBLOCK, O_NONBLOCK

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]  // epoll_create(2)
    internal static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]  // epoll_ctl(2)
    internal static partial int EpollControl(int epoll, EpollOperation operation, int descriptor, byte* change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]  // epoll_wait(2)
    internal static partial int EpollWait(int epoll, byte* events, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]  // eventfd(2)
    internal static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]  // read(2)
    internal static partial nint Read(int descriptor, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]  // write(2)
    internal static partial nint Write(int descriptor, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]  // close(2)
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]  // pipe(2)
    internal static partial int Pipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "splice", SetLastError = true)]  // splice(2)
    internal static partial nint Splice(int from, long* fromOffset, int to, long* toOffset, nuint length, uint flags);

    [LibraryImport("libc", EntryPoint = "tee", SetLastError = true)]  // tee(2)
    internal static partial nint Tee(int from, int to, nuint length, uint flags);

    internal const int DuplicateAbove = 1030;    // F_DUPFD_CLOEXEC

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]  // fcntl(2)
    internal static partial int FileControl(int descriptor, int operation, nint argument);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]  // dup(2)
    internal static partial int Duplicate(int from, int to);

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true)]  // mkfifo(3)
    internal static partial int MakeFifo(byte[] path, uint mode);
}
