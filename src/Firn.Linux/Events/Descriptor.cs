using System.Runtime.InteropServices;
using Firn.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Firn.Linux.Events;

/// <summary>
/// An open file of the kernel that is waited for rather than read through: a pipe, a socket, an event. Nothing here
/// throws for what peers do: a result below zero says that there was nothing, or no room, or that the other end is gone.
/// </summary>
public sealed unsafe class Descriptor : SafeHandleMinusOneIsInvalid
{
    private const int SetFlags = 4, SetDescriptorFlags = 2, SetPipeSize = 1031;    // F_SETFL, F_SETFD, F_SETPIPE_SZ
    private const uint SpliceMove = 1, SpliceNonBlocking = 2;    // SPLICE_F_*

    public Descriptor(int number) : base(ownsHandle: true) => SetHandle(number);

    public int Number => (int)handle;

    /// <summary>What another process, or this one anew, can open it by.</summary>
    public string Path => $"/proc/self/fd/{Number}";

    /// <summary>Takes over what this process was started with, and keeps it from its own children.</summary>
    public static Descriptor Inherit(int number)
    {
        SystemCall.Check(Libc.FileControl(number, SetDescriptorFlags, 1), "inherit descriptor", $"{number}");
        return new(number);
    }

    /// <summary>Both ends of a pipe; only the reading end does not block.</summary>
    public static (Descriptor Read, Descriptor Write) Pipe()
    {
        var ends = stackalloc int[2];
        SystemCall.Check(Libc.Pipe(ends, Libc.CloseOnExec), "pipe", "of this process");
        var pair = (new Descriptor(ends[0]), new Descriptor(ends[1]));
        pair.Item1.DoNotBlock();
        return pair;
    }

    /// <summary>Opens a pipe that a process holds, or a FIFO, to read from it. Null when there is none.</summary>
    public static Descriptor? OpenPipe(string path)
    {
        var number = Libc.Open(path, OpenFlags.ReadWrite | OpenFlags.NonBlocking | OpenFlags.CloseOnExec, 0);
        return number < 0 ? null : new(number);
    }

    public static void MakeFifo(string path) =>
        SystemCall.Check(Libc.MakeFifo(System.Text.Encoding.UTF8.GetBytes(path + "\0"), 0x180), "mkfifo", path);

    public void Block() => SystemCall.Check(Libc.FileControl(Number, SetFlags, 0), "set flags", Path);

    public void DoNotBlock() =>
        SystemCall.Check(Libc.FileControl(Number, SetFlags, Libc.NonBlocking), "set flags", Path);

    /// <summary>A larger pipe wakes its reader less often. Beyond what a user may have it stays as it was.</summary>
    public void EnlargePipe(int bytes) => _ = Libc.FileControl(Number, SetPipeSize, bytes);

    /// <returns>0 at the end; below 0 when there is nothing now.</returns>
    public int Read(Span<byte> destination)
    {
        fixed (byte* start = destination) return (int)Libc.Read(Number, start, (nuint)destination.Length);
    }

    public int Write(ReadOnlySpan<byte> source)
    {
        fixed (byte* start = source) return (int)Libc.Write(Number, start, (nuint)source.Length);
    }

    /// <summary>To a socket, whose other end may be gone: that is an error here and no signal.</summary>
    public int Send(ReadOnlySpan<byte> source)
    {
        fixed (byte* start = source) return (int)Libc.Send(Number, start, (nuint)source.Length, Libc.NoSignal);
    }

    /// <summary>Tells the other end of a socket that nothing more will come, and waits for nothing more from it.</summary>
    public void ShutDown() => _ = Libc.ShutDown(Number, 2);    // SHUT_RDWR

    /// <summary>Moves bytes on without copying them; from a pipe to a file whose position moves with it.</summary>
    /// <returns>How many; below 0 for an error, which <see cref="LastError"/> tells.</returns>
    public int SpliceTo(Descriptor target, int most) =>
        (int)Libc.Splice(Number, null, target.Number, null, (nuint)most, SpliceMove | SpliceNonBlocking);

    /// <summary>Copies what is in a pipe into another one without taking it out; tee(2).</summary>
    public int TeeTo(Descriptor pipe, int most) => (int)Libc.Tee(Number, pipe.Number, (nuint)most, SpliceNonBlocking);

    /// <summary>Opens a file to be written from its end on.</summary>
    /// <returns>Null when it cannot be; <see cref="LastError"/> tells.</returns>
    public static Descriptor? OpenEnd(string path, out long size)
    {
        size = 0;
        var number = Libc.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.CloseOnExec, 0x180);
        if (number < 0) return null;
        var file = new Descriptor(number);
        size = Math.Max(0, Libc.Seek(file, 0, Libc.SeekEnd));    // splice(2) refuses files opened for appending
        return file;
    }

    /// <summary>errno of the call before.</summary>
    public static int LastError => Marshal.GetLastPInvokeError();

    /// <summary>Whether the call before failed because a medium is full (ENOSPC, EDQUOT).</summary>
    public static bool IsFull => LastError is 28 or 122;

    public static bool WouldBlock => LastError is Errno.WouldBlock or Errno.Interrupted;

    protected override bool ReleaseHandle() => Libc.Close(Number) == 0;
}
