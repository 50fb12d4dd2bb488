using System.Text;
using Firn.Linux.Interop;

namespace Firn.Linux.Events;

/// <summary>Tells that files of directories were written, renamed or removed; inotify(7).</summary>
public sealed class DirectoryWatch : IDisposable
{
    private const int HeaderBytes = 16;

    public Descriptor Descriptor { get; } =
        new(SystemCall.Check(Libc.InotifyCreate(Libc.CloseOnExec | Libc.NonBlocking), "inotify", "of this process"));

    /// <exception cref="ErrnoException">There is no such directory, or too much is watched already.</exception>
    public void Add(string directory) => SystemCall.Check(
        Libc.InotifyAdd(Descriptor.Number, Encoding.UTF8.GetBytes(directory + "\0"),
            FileChanges.Written | FileChanges.MovedAway | FileChanges.MovedHere | FileChanges.Removed),
        "watch", directory);

    /// <summary>The names of the files that something has happened to since the last call.</summary>
    public HashSet<string> Names()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Span<byte> buffer = stackalloc byte[4096];
        while (Descriptor.Read(buffer) is > 0 and var count)
            for (var rest = buffer[..count]; rest.Length >= HeaderBytes;)
            {
                // struct inotify_event: watch, changes, cookie, length of the name, all u32; the name, with zeros behind it
                var length = BitConverter.ToInt32(rest[12..]);
                names.Add(Encoding.UTF8.GetString(rest.Slice(HeaderBytes, length).TrimEnd((byte)0)));
                rest = rest[(HeaderBytes + length)..];
            }
        return names;
    }

    public void Dispose() => Descriptor.Dispose();
}
