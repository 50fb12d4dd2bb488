using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

internal static partial class Libc
{
    /// <summary>sizeof(struct timex) on 64-bit Linux.</summary>
    internal const int TimexBytes = 208;

    /// <summary>TIME_ERROR: the clock is not synchronized to anything.</summary>
    internal const int ClockIsNotSynchronized = 5;

    [LibraryImport("libc", EntryPoint = "adjtimex", SetLastError = true)]  // adjtimex(2)
    internal static partial int AdjustTime(Span<byte> timex);
}
