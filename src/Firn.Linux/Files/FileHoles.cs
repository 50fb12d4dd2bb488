using System.Runtime.InteropServices;
using Firn.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Firn.Linux.Files;

/// <summary>Where a sparse file has nothing but zeros.</summary>
public static class FileHoles
{
    /// <summary>The first offset from <paramref name="offset"/> on that may hold data; null when only a hole is left.</summary>
    public static long? NextData(SafeFileHandle file, long offset)
    {
        var next = Libc.Seek(file, offset, Libc.SeekData);
        if (next >= 0) return next;
        return Marshal.GetLastPInvokeError() == Errno.NoSuchAddress ? null : offset;    // a filesystem without holes
    }
}
