using System.Text;
using Firn.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Firn.Linux.Files;

/// <summary>
/// An open directory, in which things are made by name. Names are single: what is made stays within, whatever others do
/// to the path meanwhile, and no symbolic link is ever followed. Everything throws <see cref="ErrnoException"/>.
/// </summary>
public sealed class DirectoryHandle : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly DirectoryHandle? _parent;
    private readonly string _name;

    private DirectoryHandle(int descriptor, DirectoryHandle? parent, string name) =>
        (_handle, _parent, _name) = (new(descriptor, ownsHandle: true), parent, name);

    public static DirectoryHandle Open(string path)
    {
        var descriptor = Libc.Open(path, OpenFlags.ReadOnly | OpenFlags.CloseOnExec | Libc.Directory, 0);
        return new(SystemCall.Check(descriptor, "open directory", path), null, path);
    }

    public DirectoryHandle Open(ReadOnlySpan<byte> name)
    {
        const OpenFlags flags = OpenFlags.ReadOnly | OpenFlags.CloseOnExec;
        var descriptor = Libc.OpenAt(_handle, Name(name), flags | Libc.Directory | Libc.NoFollow, 0);
        return new(Check(descriptor, "open directory", name), this, Encoding.UTF8.GetString(name));
    }

    /// <summary>For its owner alone until its mode is set.</summary>
    public void MakeDirectory(ReadOnlySpan<byte> name) =>
        Check(Libc.MakeDirectoryAt(_handle, Name(name), 0x1c0), "mkdir", name);

    /// <summary>Makes a file that must not exist yet, for its owner alone until its mode is set.</summary>
    public CreatedFile CreateFile(ReadOnlySpan<byte> name)
    {
        const OpenFlags flags = OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.CloseOnExec;
        var descriptor = Check(Libc.OpenAt(_handle, Name(name), flags | Libc.NoFollow, 0x180), "create", name);
        return new(new(descriptor, ownsHandle: true), this, Name(name));
    }

    public void MakeSymlink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target) =>
        Check(Libc.MakeSymlinkAt(Name(target), _handle, Name(name)), "symlink", name);

    /// <summary>Makes a device node, FIFO or socket.</summary>
    public void MakeNode(ReadOnlySpan<byte> name, FileType type, uint major = 0, uint minor = 0) =>
        Check(Libc.MakeNodeAt(_handle, Name(name), (uint)FileStatus.FormatOf(type) | 0x180, FileStatus.Encode(major, minor)), "mknod", name);

    /// <summary>Gives what has a name in another directory one more name in this.</summary>
    public void Link(ReadOnlySpan<byte> name, DirectoryHandle from, ReadOnlySpan<byte> existing) =>
        Check(Libc.LinkAt(from._handle, Name(existing), _handle, Name(name), 0), "link", name);

    public void SetOwner(ReadOnlySpan<byte> name, uint uid, uint gid) =>
        Check(Libc.SetOwnerAt(_handle, Name(name), uid, gid, Libc.DoNotFollowLinks), "chown", name);

    /// <summary>Not for symbolic links, which have no mode of their own and would be followed.</summary>
    public void SetMode(ReadOnlySpan<byte> name, uint mode) =>
        Check(Libc.SetModeAt(_handle, Name(name), mode, 0), "chmod", name);

    /// <summary>Sets the times of last access and last modification.</summary>
    public void SetModified(ReadOnlySpan<byte> name, long seconds)
    {
        var time = new TimeSpec { Seconds = seconds };
        Check(Libc.SetTimesAt(_handle, Name(name), [time, time], Libc.DoNotFollowLinks), "utimens", name);
    }

    public void SetAttribute(ReadOnlySpan<byte> name, ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> value)
    {
        // There is no call for a name within a directory that is in every kernel; the directory itself is not looked up again.
        byte[] path = [.. Encoding.ASCII.GetBytes($"/proc/self/fd/{_handle.DangerousGetHandle()}/"), .. name, 0];
        var result = Libc.SetAttribute(path, [.. attribute, 0], value, (nuint)value.Length, 0);
        GC.KeepAlive(_handle);
        Check(result, $"set attribute {Encoding.UTF8.GetString(attribute)} of", name);
    }

    public void Dispose() => _handle.Dispose();

    private int Check(int result, string call, ReadOnlySpan<byte> name) =>
        result >= 0 ? result : SystemCall.Check(result, call, PathOf(name));

    internal string PathOf(ReadOnlySpan<byte> name)
    {
        var names = new Stack<string>([Encoding.UTF8.GetString(name)]);
        for (var directory = this; directory is not null; directory = directory._parent) names.Push(directory._name);
        return string.Join('/', names);
    }

    private static byte[] Name(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Contains((byte)0)) throw new ArgumentException("empty name, or a zero byte in it");
        return [.. name, 0];
    }
}
