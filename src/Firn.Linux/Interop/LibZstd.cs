using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Firn.Linux.Interop;

/// <summary>libzstd 1.5's stable interface: zstd.h. Sizes that are errors are told by <see cref="IsError"/>.</summary>
internal static unsafe partial class LibZstd
{
    private const string Library = "libzstd.so.1";

    [LibraryImport(Library, EntryPoint = "ZSTD_versionString")]
    internal static partial byte* VersionString();

    [LibraryImport(Library, EntryPoint = "ZSTD_minCLevel")]
    internal static partial int MinimumLevel();

    [LibraryImport(Library, EntryPoint = "ZSTD_maxCLevel")]
    internal static partial int MaximumLevel();

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    private static partial uint IsErrorCode(nuint result);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorCode")]
    internal static partial ErrorCode GetErrorCode(nuint result);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorName")]
    private static partial byte* GetErrorName(nuint result);

    internal static bool IsError(nuint result) => IsErrorCode(result) != 0;

    /// <summary>What the library says of a failed call, in lower case: <c>data corruption detected</c>.</summary>
    internal static string ErrorName(nuint result) =>
        Marshal.PtrToStringUTF8((nint)GetErrorName(result))!.ToLowerInvariant();

    /// <summary>ZSTD_CCtx: not thread-safe, and reused for many frames.</summary>
    internal sealed class CompressionContext() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle() => !IsError(FreeCompressionContext(handle));
    }

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    internal static partial CompressionContext CreateCompressionContext();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    private static partial nuint FreeCompressionContext(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_CCtx_setParameter")]
    internal static partial nuint SetParameter(CompressionContext context, CompressionParameter parameter, int value);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressCCtx")]
    internal static partial nuint Compress(
        CompressionContext context, byte* destination, nuint capacity, byte* source, nuint size, int level);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressStream2")]
    internal static partial nuint CompressStream(
        CompressionContext context, OutBuffer* output, InBuffer* input, EndDirective directive);

    /// <summary>ZSTD_DCtx: not thread-safe, and reused for many frames.</summary>
    internal sealed class DecompressionContext() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle() => !IsError(FreeDecompressionContext(handle));
    }

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    internal static partial DecompressionContext CreateDecompressionContext();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    private static partial nuint FreeDecompressionContext(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressDCtx")]
    internal static partial nuint Decompress(
        DecompressionContext context, byte* destination, nuint capacity, byte* source, nuint size);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressStream")]
    internal static partial nuint DecompressStream(DecompressionContext context, OutBuffer* output, InBuffer* input);

    /// <summary>ZSTD_inBuffer: the library moves <see cref="Position"/>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct InBuffer
    {
        public byte* Source;
        public nuint Size;
        public nuint Position;
    }

    /// <summary>ZSTD_outBuffer.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct OutBuffer
    {
        public byte* Destination;
        public nuint Size;
        public nuint Position;
    }

    /// <summary>ZSTD_cParameter.</summary>
    internal enum CompressionParameter { Level = 100, Checksum = 201, Workers = 400 }

    /// <summary>ZSTD_EndDirective.</summary>
    internal enum EndDirective { Continue, Flush, End }

    /// <summary>ZSTD_ErrorCode, of zstd_errors.h: those that are told apart.</summary>
    internal enum ErrorCode { MemoryAllocation = 64, DestinationTooSmall = 70 }
}
