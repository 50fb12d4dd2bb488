using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

/// <summary>liblzma 5's stable interface: lzma/container.h. Not on every machine; loaded when first called.</summary>
internal static unsafe partial class LibLzma
{
    private const string Library = "liblzma.so.5";

    internal enum Result
    {
        Ok = 0,
        StreamEnd = 1,
        OutOfMemory = 5,
        OverMemoryLimit = 6,
    }

    /// <summary>Decodes a whole .xz stream; <paramref name="memoryLimit"/> is set to what it needs when that is more.</summary>
    [LibraryImport(Library, EntryPoint = "lzma_stream_buffer_decode")]
    internal static partial Result Decode(
        ref ulong memoryLimit, uint flags, nint allocator, byte* source, ref nuint sourcePosition, nuint sourceSize,
        byte* destination, ref nuint destinationPosition, nuint destinationSize);

    /// <summary>lzma_stream; what follows is the library's.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 136)]
    internal struct Coder
    {
        public byte* Next;
        public nuint Left;
        public ulong Read;
        public byte* NextOut;
        public nuint LeftOut;
        public ulong Written;
    }

    /// <summary>lzma_filter; the last of an array has <see cref="NoFilter"/>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Filter
    {
        public ulong Id;
        public void* Options;
    }

    internal const ulong Lzma2 = 0x21;
    internal const ulong NoFilter = ulong.MaxValue;
    internal const int Finish = 3;

    /// <summary>More than lzma_options_lzma has; the size of the dictionary comes first in it.</summary>
    internal const int OptionsBytes = 256;

    [LibraryImport(Library, EntryPoint = "lzma_lzma_preset")]
    internal static partial byte SetPreset(void* options, uint preset);

    [LibraryImport(Library, EntryPoint = "lzma_stream_encoder")]
    internal static partial Result BeginEncoding(ref Coder coder, Filter* filters, int check);

    [LibraryImport(Library, EntryPoint = "lzma_code")]
    internal static partial Result Code(ref Coder coder, int action);

    [LibraryImport(Library, EntryPoint = "lzma_end")]
    internal static partial void End(ref Coder coder);
}
