namespace Firn.Linux.Interop;

/// <summary>Error numbers that are told apart; errno(3), the same on every 64-bit Linux.</summary>
internal static class Errno
{
    internal const int NotPermitted = 1;    // EPERM
    internal const int NotFound = 2;    // ENOENT
    internal const int Interrupted = 4;    // EINTR
    internal const int NoSuchAddress = 6;    // ENXIO
    internal const int WouldBlock = 11;    // EAGAIN
    internal const int Denied = 13;    // EACCES
    internal const int Busy = 16;    // EBUSY
    internal const int Invalid = 22;    // EINVAL
    internal const int NoSpace = 28;    // ENOSPC
    internal const int NotSupported = 95;    // EOPNOTSUPP
}
