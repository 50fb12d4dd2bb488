using System.Buffers;
using System.Runtime.InteropServices;
using Firn.Linux.Interop;
using Firn.Linux.Memory;
using Microsoft.Win32.SafeHandles;

namespace Firn.Linux.Block;

/// <summary>
/// The way to a device past the page cache; open(2), O_DIRECT. What is aligned is transferred as it is, reads of other places
/// by way of a buffer. Where a filesystem or driver refuses, the caller goes through the cache, which the kernel keeps in step.
/// </summary>
internal sealed class DirectFile : IDisposable
{
    private const int BounceBytes = 1 << 20;
    private const long PageMask = DirectAlignment.Bytes - 1;

    private readonly SafeFileHandle _handle;
    private readonly string _name;
    private readonly Lock _bouncing = new();
    private IMemoryOwner<byte>? _bounce;

    private DirectFile(SafeFileHandle handle, string name) => (_handle, _name) = (handle, name);

    /// <returns>Null where there is no such way.</returns>
    public static DirectFile? TryOpen(string path, bool canWrite)
    {
        var flags = Libc.Direct | OpenFlags.CloseOnExec | OpenFlags.NonBlocking | (canWrite ? OpenFlags.ReadWrite : OpenFlags.ReadOnly);
        var descriptor = Libc.Open(path, flags, 0);
        if (descriptor >= 0) return new(new(descriptor, ownsHandle: true), path);
        var error = Marshal.GetLastPInvokeError();
        return error == Errno.Invalid ? null : throw new ErrnoException("open", path, error);
    }

    /// <returns>False if nothing was read.</returns>
    public bool TryRead(long offset, Span<byte> destination)
    {
        if (destination.IsEmpty) return true;
        if (DirectAlignment.Has(destination, offset)) return TryReadPages(offset, destination) == destination.Length;
        lock (_bouncing)
        {
            _bounce ??= MappedMemory.Allocate(BounceBytes);
            while (!destination.IsEmpty)
            {
                var first = offset & ~PageMask;
                var skipped = (int)(offset - first);
                var wanted = Math.Min(destination.Length, BounceBytes - skipped);
                // the last page of an image file may be cut short
                var pages = _bounce.Memory.Span[..(int)((skipped + wanted + PageMask) & ~PageMask)];
                if (TryReadPages(first, pages) < skipped + wanted) return false;
                pages.Slice(skipped, wanted).CopyTo(destination);
                destination = destination[wanted..];
                offset += wanted;
            }
        }
        return true;
    }

    /// <returns>False if nothing was written, for the place is not aligned or the kernel will not.</returns>
    public bool TryWrite(long offset, ReadOnlySpan<byte> source)
    {
        if (!DirectAlignment.Has(source, offset)) return false;
        while (!source.IsEmpty)
        {
            var count = Libc.WriteAt(_handle, source, (nuint)source.Length, offset);
            if (count < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted) continue;
            // written again from the beginning through the cache, the same bytes harm nobody
            if (count < 0 && Marshal.GetLastPInvokeError() == Errno.Invalid) return false;
            SystemCall.Check((int)count, "write", _name);
            if (count % DirectAlignment.Bytes != 0) return false;
            source = source[(int)count..];
            offset += count;
        }
        return true;
    }

    /// <returns>How many bytes there were; -1 if the kernel will not.</returns>
    private int TryReadPages(long offset, Span<byte> pages)
    {
        var read = 0;
        while (read < pages.Length)
        {
            var count = Libc.ReadAt(_handle, pages[read..], (nuint)(pages.Length - read), offset + read);
            if (count < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted) continue;
            if (count < 0 && Marshal.GetLastPInvokeError() == Errno.Invalid) return -1;
            read += SystemCall.Check((int)count, "read", _name);
            if (count % DirectAlignment.Bytes != 0 || count == 0) break;
        }
        return read;
    }

    public void Dispose()
    {
        _handle.Dispose();
        lock (_bouncing) _bounce?.Dispose();
    }
}
