using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

internal static partial class Libc
{
    [LibraryImport("libc", EntryPoint = "llistxattr", SetLastError = true)]  // listxattr(2)
    internal static partial nint ListAttributes(byte[] path, Span<byte> names, nuint length);

    [LibraryImport("libc", EntryPoint = "lgetxattr", SetLastError = true)]  // getxattr(2)
    internal static partial nint GetAttribute(byte[] path, byte[] name, Span<byte> value, nuint length);

    [LibraryImport("libc", EntryPoint = "lsetxattr", SetLastError = true)]  // setxattr(2)
    internal static partial int SetAttribute(byte[] path, byte[] name, ReadOnlySpan<byte> value, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "lremovexattr", SetLastError = true)]  // removexattr(2)
    internal static partial int RemoveAttribute(byte[] path, byte[] name);
}
