using Firn.Linux.Interop;

namespace Firn.Linux.Files;

/// <summary>
/// A file that gets its name when it is whole, replacing what has that name in one step. Until then it has none, so
/// however this program ends, nothing is left behind; on filesystems without such files, a hidden one beside.
/// </summary>
public sealed class NewFile : IDisposable
{
    private readonly string _path;
    private string? _beside;

    private NewFile(string path, FileStream stream, string? beside) => (_path, Stream, _beside) = (path, stream, beside);

    public FileStream Stream { get; }

    public static NewFile Create(string path)
    {
        path = Path.GetFullPath(path);
        var directory = Path.GetDirectoryName(path) ?? throw new ArgumentException("a directory", nameof(path));
        var descriptor = Libc.Open(directory, OpenFlags.ReadWrite | OpenFlags.CloseOnExec | Libc.Nameless, 0x1a4);
        if (descriptor >= 0) return new(path, new(new(descriptor, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 0), null);
        var beside = Beside(path);    // an error that is not about nameless files comes again, with its path
        return new(path, new(beside, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0), beside);
    }

    /// <summary>Gives the file its name.</summary>
    public void Publish()
    {
        Stream.Flush();
        if (_beside is null)
        {
            _beside = Beside(_path);
            File.Delete(_beside);
            // Only root may link a descriptor itself; what /proc says of it, everyone.
            var link = System.Text.Encoding.UTF8.GetBytes($"/proc/self/fd/{Stream.SafeFileHandle.DangerousGetHandle()}\0");
            var result = Libc.LinkAt(
                Libc.CurrentDirectory, link, Libc.CurrentDirectory, System.Text.Encoding.UTF8.GetBytes(_beside + "\0"), Libc.FollowLinks);
            SystemCall.Check(result, "link", _path);
        }
        File.Move(_beside, _path, overwrite: true);
        _beside = null;
    }

    public void Dispose()
    {
        Stream.Dispose();
        if (_beside is not null) File.Delete(_beside);
    }

    private static string Beside(string path) =>
        Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Environment.ProcessId}.partial");
}
