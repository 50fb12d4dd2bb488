using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

/// <summary>struct blkpg_partition of &lt;linux/blkpg.h&gt;; its names stay empty.</summary>
[StructLayout(LayoutKind.Sequential, Size = 152)]
internal struct BlkpgPartition
{
    public long StartBytes, LengthBytes;
    public int Number;
}

/// <summary>struct blkpg_ioctl_arg of &lt;linux/blkpg.h&gt;.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BlkpgArgument
{
    public int Operation, Flags, DataLength;
    public nint Data;
}

internal static partial class Libc
{
    internal const nuint BlockGetSize64 = 0x80081272;    // BLKGETSIZE64, <linux/fs.h>
    internal const nuint BlockFlushBuffers = 0x1261;    // BLKFLSBUF
    internal const nuint BlockPartition = 0x1269;    // BLKPG

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]  // ioctl(2)
    internal static partial int Ioctl(SafeHandle file, nuint request, out long value);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(SafeHandle file, nuint request, nint value);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(SafeHandle file, nuint request, ref BlkpgArgument value);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(int descriptor, nuint request, ref int value);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(int descriptor, nuint request, Span<byte> value);
}
