using System.Runtime.InteropServices;

namespace Firn.Linux.Interop;

/// <summary>liblz4 1's stable interface: lz4.h, lz4hc.h. systemd needs it too; loaded when first called.</summary>
internal static unsafe partial class LibLz4
{
    private const string Library = "liblz4.so.1";

    /// <summary>The number of bytes; negative if the source is damaged or more than fits.</summary>
    [LibraryImport(Library, EntryPoint = "LZ4_decompress_safe")]
    internal static partial int Decompress(byte* source, byte* destination, int sourceSize, int capacity);

    /// <summary>The number of bytes; 0 if they do not fit.</summary>
    [LibraryImport(Library, EntryPoint = "LZ4_compress_HC")]
    internal static partial int Compress(byte* source, byte* destination, int sourceSize, int capacity, int level);
}
