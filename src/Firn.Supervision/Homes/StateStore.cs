using System.Text;
using Firn.Linux.Events;
using Firn.Linux.Files;

namespace Firn.Supervision.Homes;

/// <summary>
/// Writes state where people, and the next manager, read it. What cannot be written now (a full disk, one that is
/// read-only) is kept and tried again; the units go on meanwhile.
/// </summary>
public sealed class StateStore(PmHome home)
{
    private readonly Dictionary<string, string> _unwritten = [];

    public PmHome Home { get; } = home;

    /// <summary>Why something could not be written; null when all is.</summary>
    public string? Problem { get; private set; }

    public bool IsComplete => _unwritten.Count == 0;

    public void MakeDirectory(string path) => SmallFile.TryMakeDirectory(path);

    public void Write(string path, string content)
    {
        var length = Encoding.UTF8.GetByteCount(content);
        Span<byte> bytes = length < 512 ? stackalloc byte[length + 1] : new byte[length + 1];
        Encoding.UTF8.GetBytes(content, bytes);
        if (length > 0 && bytes[length - 1] != '\n') bytes[length++] = (byte)'\n';
        if (SmallFile.TryReplace(path, bytes[..length]))
        {
            if (_unwritten.Count > 0) _unwritten.Remove(path);
            return;
        }
        Problem = System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(Descriptor.LastError);
        _unwritten[path] = content;
    }

    public void Delete(string path)
    {
        _unwritten.Remove(path);
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Problem = error.Message;
        }
    }

    /// <summary>With its files; there are no directories in those of units and jobs.</summary>
    public void DeleteDirectory(string path)
    {
        foreach (var (waiting, _) in _unwritten)
            if (waiting.StartsWith(path + "/", StringComparison.Ordinal)) _unwritten.Remove(waiting);
        try
        {
            if (!Directory.Exists(path)) return;
            foreach (var file in Directory.GetFiles(path)) File.Delete(file);    // Delete(recursive) would have to be compiled: 6 ms
            Directory.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Problem = error.Message;
        }
    }

    /// <summary>Tries again what could not be written.</summary>
    public void Retry()
    {
        foreach (var (path, content) in new List<KeyValuePair<string, string>>(_unwritten))
        {
            MakeDirectory(Path.GetDirectoryName(path)!);
            Write(path, content);
        }
        if (IsComplete) Problem = null;
    }

    public static string? Read(string path) => SmallFile.Read(path)?.TrimEnd('\n');
}
