using System.Text;
using Firn.Linux.Events;
using Firn.Linux.Interop;

namespace Firn.Linux.Files;

/// <summary>
/// Files of a few bytes that are written often and read by anyone at any time: beside and renamed, so that nobody sees
/// half of one. Nothing is synced. A full or read-only medium is an answer, not an exception.
/// </summary>
public static unsafe class SmallFile
{
    private static ReadOnlySpan<byte> Suffix => ".new\0"u8;

    /// <returns>False when it could not be written: the file is as it was; <see cref="Descriptor.LastError"/> says why.</returns>
    public static bool TryReplace(string path, ReadOnlySpan<byte> content)
    {
        var length = Encoding.UTF8.GetByteCount(path);
        var final = new byte[length + 1];
        Encoding.UTF8.GetBytes(path, final);
        var beside = new byte[length + Suffix.Length];
        new Span<byte>(final, 0, length).CopyTo(beside);    // AsSpan would be compiled when it runs: it is generic code of another assembly
        Suffix.CopyTo(new Span<byte>(beside, length, Suffix.Length));
        var number = Libc.Open(beside, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate | OpenFlags.CloseOnExec, 0x180);
        if (number < 0) return false;
        nint written;
        fixed (byte* start = content) written = Libc.Write(number, start, (nuint)content.Length);
        if (written != content.Length && written >= 0) System.Runtime.InteropServices.Marshal.SetLastPInvokeError(Errno.NoSpace);
        var error = Descriptor.LastError;
        _ = Libc.Close(number);
        if (written == content.Length) return Libc.Rename(beside, final) == 0;
        _ = Libc.Remove(beside);
        System.Runtime.InteropServices.Marshal.SetLastPInvokeError(error);
        return false;
    }

    public static bool TryMakeDirectory(string path) => Libc.MakeDirectory(Encoding.UTF8.GetBytes(path + "\0"), 0x1c0) == 0;

    /// <summary>The text of a small file; null when there is none.</summary>
    public static string? Read(string path)
    {
        var number = Libc.Open(path, OpenFlags.ReadOnly | OpenFlags.CloseOnExec, 0);
        if (number < 0) return null;
        using var file = new Descriptor(number);
        Span<byte> buffer = stackalloc byte[4096];
        var text = "";
        while (file.Read(buffer) is > 0 and var count)
        {
            text += Encoding.UTF8.GetString(buffer[..count]);
            if (count < buffer.Length / 2) break;    // the end: the kernel gives all there is
        }
        return text;
    }
}
