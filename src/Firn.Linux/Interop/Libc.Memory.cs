using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

internal static partial class Libc
{
    internal const int ReadAndWrite = 1 | 2;    // PROT_READ | PROT_WRITE, <sys/mman.h>
    internal const int PrivateAnonymous = 2 | 0x20;    // MAP_PRIVATE | MAP_ANONYMOUS
    internal const int MapThreshold = -3, MostArenas = -8;    // M_MMAP_THRESHOLD, M_ARENA_MAX, <malloc.h>

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]  // mmap(2)
    internal static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    internal static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "mallopt")]  // mallopt(3)
    internal static partial int SetAllocator(int parameter, int value);
}
