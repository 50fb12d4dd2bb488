using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

internal static partial class Libc
{
    /// <summary>Where d_name starts in struct dirent on 64-bit Linux (glibc and musl).</summary>
    internal const int DirectoryEntryNameOffset = 19;

    [LibraryImport("libc", EntryPoint = "opendir", SetLastError = true)]  // opendir(3)
    internal static partial nint OpenDirectory(byte[] path);

    /// <summary>Null at the end and on errors: clear errno before, look at it after.</summary>
    [LibraryImport("libc", EntryPoint = "readdir", SetLastError = true)]  // readdir(3)
    internal static partial nint ReadDirectory(nint directory);

    [LibraryImport("libc", EntryPoint = "closedir")]  // closedir(3)
    internal static partial int CloseDirectory(nint directory);
}
