using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Firn.Linux.Block;

/// <summary>Memory that a device can read and write by itself, past the page cache.</summary>
public static class AlignedBuffer
{
    /// <summary>Of addresses, offsets and lengths; open(2), O_DIRECT: the largest logical block of any disk in use.</summary>
    public const int Alignment = 4096;

    /// <param name="length">In bytes.</param>
    public static Memory<byte> Allocate(int length)
    {
        var array = GC.AllocateUninitializedArray<byte>(length + Alignment, pinned: true);
        var address = Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
        return array.AsMemory((int)(-address & (Alignment - 1)), length);
    }

    internal static unsafe bool IsAligned(ReadOnlySpan<byte> memory, long offset) =>
        ((nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory)) | offset | (long)memory.Length) % Alignment == 0;
}
