using Firn.Linux.Interop;

namespace Firn.Linux.Memory;

/// <summary>What libraries allocate: malloc(3) of glibc.</summary>
public static class NativeHeap
{
    private const int LargeBytes = 256 << 10;

    /// <summary>
    /// From now on, what libraries ask for in large pieces goes back to the kernel when they give it back. By itself, glibc
    /// stops doing so at the first large piece it gets back, and each thread has a heap of its own that only grows.
    /// </summary>
    public static void ReturnLargePieces()
    {
        _ = Libc.SetAllocator(Libc.MapThreshold, LargeBytes);
        _ = Libc.SetAllocator(Libc.MostArenas, 1);
    }
}
