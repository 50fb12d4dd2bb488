using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

/// <summary>liblzma 5's stable interface: lzma/container.h. Not on every machine; loaded when first called.</summary>
internal static unsafe partial class LibLzma
{
    private const string Library = "liblzma.so.5";

    internal enum Result
    {
        Ok = 0,
        OutOfMemory = 5,
        OverMemoryLimit = 6,
    }

    /// <summary>Decodes a whole .xz stream; <paramref name="memoryLimit"/> is set to what it needs when that is more.</summary>
    [LibraryImport(Library, EntryPoint = "lzma_stream_buffer_decode")]
    internal static partial Result Decode(
        ref ulong memoryLimit, uint flags, nint allocator, byte* source, ref nuint sourcePosition, nuint sourceSize,
        byte* destination, ref nuint destinationPosition, nuint destinationSize);
}
