using System.Text;
using Firn.Linux.Interop;
using Microsoft.Win32.SafeHandles;

namespace Firn.Linux.Files;

/// <summary>
/// A file that <see cref="DirectoryHandle.CreateFile"/> made. It is described by its descriptor, so nobody looks its name up again.
/// Everything throws <see cref="ErrnoException"/>.
/// </summary>
public sealed class CreatedFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly DirectoryHandle _directory;
    private readonly byte[] _name;

    internal CreatedFile(SafeFileHandle handle, DirectoryHandle directory, byte[] terminatedName) =>
        (_handle, _directory, _name) = (handle, directory, terminatedName);

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var written = (int)Libc.WriteAt(_handle, bytes, (nuint)bytes.Length, offset);
            Check(written, "write");
            bytes = bytes[written..];
            offset += written;
        }
    }

    /// <summary>What is added is a hole.</summary>
    public void SetSize(long sizeBytes) => Check(Libc.SetSize(_handle, sizeBytes), "truncate");

    public void SetOwner(uint uid, uint gid) => Check(Libc.SetOwner(_handle, uid, gid), "chown");

    public void SetMode(uint mode) => Check(Libc.SetMode(_handle, mode), "chmod");

    /// <summary>Sets the times of last access and last modification.</summary>
    public void SetModified(long seconds)
    {
        var time = new TimeSpec { Seconds = seconds };
        Check(Libc.SetTimes(_handle, [time, time]), "utimens");
    }

    public void SetAttribute(ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> value)
    {
        var result = Libc.SetAttribute(_handle, [.. attribute, 0], value, (nuint)value.Length, 0);
        if (result < 0) Check(result, $"set attribute {Encoding.UTF8.GetString(attribute)} of");
    }

    public void Dispose() => _handle.Dispose();

    private void Check(int result, string call)
    {
        if (result < 0) SystemCall.Check(result, call, _directory.PathOf(_name.AsSpan(0, _name.Length - 1)));
    }
}
