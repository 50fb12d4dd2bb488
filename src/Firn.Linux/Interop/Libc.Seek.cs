using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

internal static partial class Libc
{
    internal const int SeekEnd = 2;    // SEEK_END
    internal const int SeekData = 3;    // SEEK_DATA

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]  // lseek(2)
    internal static partial long Seek(SafeHandle file, long offset, int whence);
}
