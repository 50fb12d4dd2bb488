using System.Runtime.InteropServices;
using Firn.Linux.Interop;

namespace Firn.Linux.Compression;

/// <summary>The zstd library of this machine.</summary>
public static class Zstd
{
    /// <summary>
    /// e.g. <c>1.5.4</c>. Another version compresses the same bytes at the same level to other bytes, so whatever must
    /// be rebuilt bit for bit records it.
    /// </summary>
    public static unsafe string Version => Marshal.PtrToStringUTF8((nint)LibZstd.VersionString())!;

    /// <summary>The highest level: the smallest result and the slowest.</summary>
    public static int MaximumLevel => LibZstd.MaximumLevel();

    internal static void CheckLevel(int level)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(level, LibZstd.MinimumLevel());
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, MaximumLevel);
    }

    /// <summary>Passes on what a compressing call returned; none of them fails over the data it is given.</summary>
    internal static nuint CheckCompression(nuint result) =>
        !LibZstd.IsError(result) ? result : throw Failure(result, "zstd compression");

    internal static nuint CheckDecompression(nuint result) =>
        !LibZstd.IsError(result) ? result
        : LibZstd.GetErrorCode(result) == LibZstd.ErrorCode.MemoryAllocation ? throw Failure(result, "zstd")
        : throw new InvalidDataException($"zstd data: {LibZstd.ErrorName(result)}");

    private static Exception Failure(nuint result, string subject)
    {
        var message = $"{subject}: {LibZstd.ErrorName(result)}";
        return LibZstd.GetErrorCode(result) == LibZstd.ErrorCode.MemoryAllocation
            ? new InsufficientMemoryException(message)
            : new InvalidOperationException(message);
    }
}
