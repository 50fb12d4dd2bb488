using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Firn.Linux.Block;

/// <summary>What a device wants of memory that it reads and writes by itself, past the page cache: <see cref="Memory.MappedMemory"/> begins so.</summary>
public static class DirectAlignment
{
    /// <summary>Of addresses, offsets and lengths; open(2), O_DIRECT: the largest logical block of any disk in use.</summary>
    public const int Bytes = 4096;

    internal static unsafe bool Has(ReadOnlySpan<byte> memory, long offset) =>
        ((nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory)) | offset | (long)memory.Length) % Bytes == 0;
}
