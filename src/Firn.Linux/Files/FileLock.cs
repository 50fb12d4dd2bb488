using System.Runtime.InteropServices;
using Firn.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Firn.Linux.Files;

/// <summary>A lock that other processes see and that the kernel takes back when this one ends; flock(2).</summary>
public sealed class FileLock : IDisposable
{
    private const uint OwnerOnly = 0x180;

    private readonly SafeFileHandle _handle;
    private readonly string? _vanishing;

    private FileLock(SafeFileHandle handle, string? vanishing) => (_handle, _vanishing) = (handle, vanishing);

    /// <summary>The locked file, for reading and writing; closed with the lock.</summary>
    public SafeFileHandle Handle => _handle;

    /// <summary>Takes the lock of the file at <paramref name="path"/>, which is made if need be.</summary>
    /// <param name="path">Of the file.</param>
    /// <param name="mode">Of a file that is made, less the umask; for its owner alone when nothing is said.</param>
    /// <returns>Null when someone else holds it.</returns>
    public static FileLock? TryTake(string path, uint mode = OwnerOnly) => TryTake(path, mode, vanishing: null);

    /// <summary>As <see cref="TryTake(string, uint)"/>, but the file goes with the lock: for directories that are others' to look into.</summary>
    public static FileLock? TryTakeVanishing(string path)
    {
        while (true)
        {
            if (TryTake(path, OwnerOnly, path) is not { } taken) return null;
            // whoever had it before may have removed the very file that is locked now
            var target = new FileInfo($"/proc/self/fd/{taken.Handle.DangerousGetHandle()}").LinkTarget;
            if (Path.GetFileName(target) == Path.GetFileName(path)) return taken;
            taken.Release();
        }
    }

    private static FileLock? TryTake(string path, uint mode, string? vanishing)
    {
        var descriptor = Libc.Open(path, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.CloseOnExec, mode);
        var handle = new SafeFileHandle(SystemCall.Check(descriptor, "open", path), ownsHandle: true);
        if (Libc.Lock(handle, LockOperation.Exclusive | LockOperation.NonBlocking) == 0) return new(handle, vanishing);
        var error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        return error == Errno.WouldBlock ? null : throw new ErrnoException("lock", path, error);
    }

    public void Dispose()
    {
        if (_vanishing is not null && !_handle.IsClosed) File.Delete(_vanishing);
        Release();
    }

    private void Release()
    {
        // Not by closing alone: a child that another thread has just forked has the file open, too, until it executes.
        if (!_handle.IsClosed) _ = Libc.Lock(_handle, LockOperation.Unlock);
        _handle.Dispose();
    }
}
