using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

/// <summary>Calls that describe an open file.</summary>
internal static partial class Libc
{
    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]  // ftruncate(2)
    internal static partial int SetSize(SafeHandle file, long sizeBytes);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]  // fchown(2)
    internal static partial int SetOwner(SafeHandle file, uint uid, uint gid);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]  // fchmod(2)
    internal static partial int SetMode(SafeHandle file, uint mode);

    [LibraryImport("libc", EntryPoint = "futimens", SetLastError = true)]  // futimens(3)
    internal static partial int SetTimes(SafeHandle file, ReadOnlySpan<TimeSpec> times);

    [LibraryImport("libc", EntryPoint = "fsetxattr", SetLastError = true)]  // fsetxattr(2)
    internal static partial int SetAttribute(SafeHandle file, byte[] name, ReadOnlySpan<byte> value, nuint length, int flags);
}
