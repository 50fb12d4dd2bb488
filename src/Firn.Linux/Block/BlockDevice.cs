using System.Runtime.InteropServices;
using Firn.Linux.Files;
using Firn.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Firn.Linux.Block;

/// <summary>
/// A block device of the kernel, or an image file treated as one. Writes go through the page cache, unless direct access is
/// asked for; sequential ones are pushed out every <see cref="WindowBytes"/> and dropped from it, so that a large one never
/// fills the memory.
/// </summary>
public sealed class BlockDevice : IBlockDevice
{
    /// <summary>At most two windows of written data wait in memory.</summary>
    public const int WindowBytes = 8 << 20;

    private readonly SafeFileHandle _handle;
    private readonly bool _isFile;
    private readonly DirectFile? _direct;
    private long _windowStart, _windowEnd;
    private bool _isLocked;

    private BlockDevice(SafeFileHandle handle, string name, bool isFile, long sizeBytes, DirectFile? direct)
    {
        (_handle, Name, _isFile, SizeBytes, _direct) = (handle, name, isFile, sizeBytes, direct);
    }

    public string Name { get; }
    public long SizeBytes { get; }

    public bool ReadsMedium => _direct is not null;

    /// <summary>True for an image file, false for a device of the kernel.</summary>
    public bool IsFile => _isFile;

    internal SafeFileHandle Handle => _handle;

    /// <exception cref="ErrnoException">The kernel refuses; EBUSY when exclusive access meets a mounted device.</exception>
    /// <exception cref="IOException">The path names something that is neither a block device nor a regular file.</exception>
    public static BlockDevice Open(string path, BlockAccess access)
    {
        var handle = OpenHandle(path, access);
        DirectFile? direct = null;
        try
        {
            if (access is BlockAccess.ReadOnlyDirect or BlockAccess.ExclusiveDirect) direct = DirectFile.TryOpen(path, access == BlockAccess.ExclusiveDirect);
            SystemCall.Check(Libc.StatX(handle, [0], Libc.EmptyPath, Libc.BasicStats, out var status), "stat", path);
            return (status.Mode & FileStatus.TypeMask) switch
            {
                FileStatus.RegularType => new(handle, path, isFile: true, (long)status.Size, direct),
                FileStatus.BlockDeviceType => new(handle, path, isFile: false, DeviceSize(handle, path), direct),
                _ => throw new IOException($"{path}: neither a block device nor an image file"),
            };
        }
        catch
        {
            direct?.Dispose();
            handle.Dispose();
            throw;
        }
    }

    private static SafeFileHandle OpenHandle(string path, BlockAccess access)
    {
        // non-blocking: a FIFO that happens to have this name must not hang us; no meaning for what we accept
        var flags = OpenFlags.CloseOnExec | OpenFlags.NonBlocking | access switch
        {
            BlockAccess.ReadOnly or BlockAccess.ReadOnlyDirect => OpenFlags.ReadOnly,
            BlockAccess.ReadWrite => OpenFlags.ReadWrite,
            _ => OpenFlags.ReadWrite | OpenFlags.Exclusive,
        };
        var descriptor = Libc.Open(path, flags, 0);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == Errno.Busy)
            throw new ErrnoException("open", $"{path} (is it mounted or otherwise in use?)", Errno.Busy);
        return new(SystemCall.Check(descriptor, "open", path), ownsHandle: true);
    }

    private static long DeviceSize(SafeFileHandle handle, string path)
    {
        SystemCall.Check(Libc.Ioctl(handle, Libc.BlockGetSize64, out var sizeBytes), "BLKGETSIZE64", path);
        return sizeBytes;
    }

    public void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        if (_direct?.TryRead(offset, destination) == true) return;
        while (!destination.IsEmpty)
        {
            var count = Libc.ReadAt(_handle, destination, (nuint)destination.Length, offset);
            if (count < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted) continue;
            SystemCall.Check((int)count, "read", Name);
            if (count == 0) throw new EndOfStreamException($"{Name} ends at byte {offset}, expected {SizeBytes}");
            destination = destination[(int)count..];
            offset += count;
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        CheckRange(offset, source.Length);
        if (_direct?.TryWrite(offset, source) == true) return;
        var end = offset + source.Length;
        var at = offset;
        while (!source.IsEmpty)
        {
            var count = Libc.WriteAt(_handle, source, (nuint)source.Length, at);
            if (count < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted) continue;
            SystemCall.Check((int)count, "write", Name);
            source = source[(int)count..];
            at += count;
        }
        PushOut(offset, end);
    }

    /// <summary>Starts writing out each full window of a sequential write, and waits for the one before.</summary>
    private void PushOut(long offset, long end)
    {
        if (offset != _windowEnd) _windowStart = offset;
        _windowEnd = end;
        if (_windowEnd - _windowStart < WindowBytes) return;

        var previous = Math.Max(0, _windowStart - WindowBytes);
        SystemCall.Check(
            Libc.SyncFileRange(_handle, _windowStart, end - _windowStart, SyncRangeFlags.Write), "write out", Name);
        if (previous < _windowStart)
        {
            const SyncRangeFlags wait = SyncRangeFlags.WaitBefore | SyncRangeFlags.Write | SyncRangeFlags.WaitAfter;
            SystemCall.Check(Libc.SyncFileRange(_handle, previous, _windowStart - previous, wait), "write out", Name);
            _ = Libc.Advise(_handle, previous, _windowStart - previous, FileAdvice.DoNotNeed);    // only a hint
        }
        _windowStart = end;
    }

    public void Flush() => SystemCall.Check(Libc.SyncData(_handle), "flush", Name);

    public void DropCache()
    {
        Flush();
        if (!_isFile) SystemCall.Check(Libc.Ioctl(_handle, Libc.BlockFlushBuffers, 0), "BLKFLSBUF", Name);
        else if (Libc.Advise(_handle, 0, 0, FileAdvice.DoNotNeed) is not 0 and var error)
            throw new ErrnoException("posix_fadvise", Name, error);
    }

    /// <summary>Tells whoever else wants this device or file that it is being changed, until it is disposed.</summary>
    /// <returns>False when someone else holds the lock.</returns>
    public bool TryLock()
    {
        if (Libc.Lock(_handle, LockOperation.Exclusive | LockOperation.NonBlocking) == 0) return _isLocked = true;
        var error = Marshal.GetLastPInvokeError();
        return error == Errno.WouldBlock ? false : throw new ErrnoException("lock", Name, error);
    }

    private void CheckRange(long offset, int length)
    {
        if (offset < 0 || offset > SizeBytes - length)
            throw new EndOfStreamException($"{Name}: bytes {offset} to {offset + length} are not within its {SizeBytes}");
    }

    public void Dispose()
    {
        if (_isLocked) _ = Libc.Lock(_handle, LockOperation.Unlock);    // see FileLock
        _direct?.Dispose();
        _handle.Dispose();
    }
}
