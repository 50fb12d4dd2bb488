using System.Runtime.InteropServices;
using System.Text;
using Firn.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Firn.Linux.Files;

/// <summary>
/// Files with all that Linux knows of them: owners, modes, extended attributes, device nodes. Nothing here follows a
/// symbolic link in the last part of a path. Everything throws <see cref="ErrnoException"/>.
/// </summary>
public static class RawFiles
{
    private const int PathMaximum = 4096;    // PATH_MAX, which bounds link targets too
    private const int AttributeMaximum = 65536;    // XATTR_SIZE_MAX and XATTR_LIST_MAX

    public static FileStatus Status(RawPath path)
    {
        SystemCall.Check(
            Libc.StatX(Libc.CurrentDirectory, path.Terminated, Libc.DoNotFollowLinks, Libc.BasicStats, out var status),
            "stat", path.ToString());
        return FileStatus.From(status);
    }

    public static bool Exists(RawPath path)
    {
        var result = Libc.StatX(
            Libc.CurrentDirectory, path.Terminated, Libc.DoNotFollowLinks, Libc.BasicStats, out _);
        return result == 0 || (Marshal.GetLastPInvokeError() == Errno.NotFound
            ? false
            : SystemCall.Check(result, "stat", path.ToString()) == 0);
    }

    /// <summary>The names in a directory but <c>.</c> and <c>..</c>, in byte order.</summary>
    public static List<byte[]> List(RawPath path)
    {
        var directory = Libc.OpenDirectory(path.Terminated);
        if (directory == 0) throw new ErrnoException("open directory", path.ToString(), Marshal.GetLastPInvokeError());
        var names = new List<byte[]>();
        try
        {
            while (NextName(directory, path) is { } name)
                if (!name.AsSpan().SequenceEqual("."u8) && !name.AsSpan().SequenceEqual(".."u8)) names.Add(name);
        }
        finally
        {
            _ = Libc.CloseDirectory(directory);
        }
        names.Sort((left, right) => left.AsSpan().SequenceCompareTo(right));
        return names;
    }

    private static unsafe byte[]? NextName(nint directory, RawPath path)
    {
        Marshal.SetLastSystemError(0);
        var entry = Libc.ReadDirectory(directory);
        if (entry != 0)
            return MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)entry + Libc.DirectoryEntryNameOffset).ToArray();
        var error = Marshal.GetLastPInvokeError();
        return error == 0 ? null : throw new ErrnoException("read directory", path.ToString(), error);
    }

    public static byte[] ReadLink(RawPath path)
    {
        Span<byte> target = stackalloc byte[PathMaximum];
        var length = SystemCall.Check((int)Libc.ReadLink(path.Terminated, target, PathMaximum), "readlink", path.ToString());
        return target[..length].ToArray();
    }

    /// <summary>Name and value of every extended attribute; none on filesystems that have no such thing.</summary>
    public static List<(byte[] Name, byte[] Value)> ReadAttributes(RawPath path)
    {
        var buffer = new byte[AttributeMaximum];
        var length = (int)Libc.ListAttributes(path.Terminated, buffer, AttributeMaximum);
        if (length < 0 && Marshal.GetLastPInvokeError() == Errno.NotSupported) return [];
        SystemCall.Check(length, "list attributes of", path.ToString());

        var attributes = new List<(byte[], byte[])>();
        var names = buffer[..length];
        foreach (var range in names.AsSpan().Split((byte)0))
            if (names[range] is { Length: > 0 } name) attributes.Add((name, ReadAttribute(path, name, buffer)));
        return attributes;
    }

    private static byte[] ReadAttribute(RawPath path, byte[] name, byte[] buffer)
    {
        var length = (int)Libc.GetAttribute(path.Terminated, [.. name, 0], buffer, AttributeMaximum);
        var subject = $"{Encoding.UTF8.GetString(name)} of {path}";
        return buffer[..SystemCall.Check(length, "get attribute", subject)];
    }

    public static void SetAttribute(RawPath path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        SystemCall.Check(
            Libc.SetAttribute(path.Terminated, [.. name, 0], value, (nuint)value.Length, 0),
            "set attribute", $"{Encoding.UTF8.GetString(name)} of {path}");

    public static void RemoveAttribute(RawPath path, ReadOnlySpan<byte> name) =>
        SystemCall.Check(Libc.RemoveAttribute(path.Terminated, [.. name, 0]), "remove attribute", $"{Encoding.UTF8.GetString(name)} of {path}");

    /// <summary>Opens a file for reading; a symbolic link in its place is refused.</summary>
    public static SafeFileHandle OpenRead(RawPath path) => Open(path, OpenFlags.ReadOnly, 0);

    /// <summary>Makes a file that must not exist yet, readable for its owner alone until its mode is set.</summary>
    public static SafeFileHandle Create(RawPath path) =>
        Open(path, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive, 0x180);

    private static SafeFileHandle Open(RawPath path, OpenFlags flags, uint mode) => new(
        SystemCall.Check(
            Libc.Open(path.Terminated, flags | OpenFlags.CloseOnExec | Libc.NoFollow, mode), "open", path.ToString()),
        ownsHandle: true);

    public static void MakeDirectory(RawPath path, uint mode = 0x1c0) =>
        SystemCall.Check(Libc.MakeDirectory(path.Terminated, mode), "mkdir", path.ToString());

    public static void MakeSymlink(RawPath path, ReadOnlySpan<byte> target) =>
        SystemCall.Check(Libc.MakeSymlink([.. target, 0], path.Terminated), "symlink", path.ToString());

    public static void Link(RawPath existing, RawPath path) =>
        SystemCall.Check(Libc.Link(existing.Terminated, path.Terminated), "link", path.ToString());

    /// <summary>Gives something another name, replacing what has that name: a file, or an empty directory.</summary>
    public static void Rename(RawPath from, RawPath to) =>
        SystemCall.Check(Libc.Rename(from.Terminated, to.Terminated), "rename", $"{from} to {to}");

    /// <summary>Gives each of two things the other's name, in one step.</summary>
    public static void Exchange(RawPath one, RawPath other) =>
        SystemCall.Check(
            Libc.Rename(Libc.CurrentDirectory, one.Terminated, Libc.CurrentDirectory, other.Terminated, Libc.ExchangeNames),
            "exchange", $"{one} with {other}");

    public static void Remove(RawPath path) =>
        SystemCall.Check(Libc.Remove(path.Terminated), "remove", path.ToString());

    public static void RemoveDirectory(RawPath path) =>
        SystemCall.Check(Libc.RemoveDirectory(path.Terminated), "rmdir", path.ToString());

    /// <summary>Makes a device node, FIFO or socket.</summary>
    public static void MakeNode(RawPath path, FileType type, uint major = 0, uint minor = 0)
    {
        SystemCall.Check(Libc.MakeNode(path.Terminated, (uint)FileStatus.FormatOf(type) | 0x180, FileStatus.Encode(major, minor)), "mknod", path.ToString());
    }

    public static void SetOwner(RawPath path, uint uid, uint gid) =>
        SystemCall.Check(Libc.SetOwner(path.Terminated, uid, gid), "chown", path.ToString());

    /// <summary>Not for symbolic links, which have no mode of their own.</summary>
    public static void SetMode(RawPath path, uint mode) =>
        SystemCall.Check(Libc.SetMode(path.Terminated, mode), "chmod", path.ToString());

    /// <summary>Sets the times of last access and last modification.</summary>
    public static void SetModified(RawPath path, long seconds)
    {
        var time = new TimeSpec { Seconds = seconds };
        SystemCall.Check(
            Libc.SetTimes(Libc.CurrentDirectory, path.Terminated, [time, time], Libc.DoNotFollowLinks), "utimens", path.ToString());
    }

    /// <summary>Returns when all of the filesystem that holds <paramref name="path"/> is on the medium.</summary>
    public static void SyncFileSystem(RawPath path)
    {
        using var handle = OpenRead(path);
        SystemCall.Check(Libc.SyncFileSystem(handle), "syncfs", path.ToString());
    }

    /// <summary>Returns when a file's bytes, or a directory's names, are on the medium.</summary>
    public static void Sync(RawPath path)
    {
        using var handle = OpenRead(path);
        SystemCall.Check(Libc.Sync(handle), "fsync", path.ToString());
    }
}
