using System.IO.Compression;

namespace Firn.Supervision.Logs;

/// <summary>Reads the log of a unit: the older files and the current one, also while it is rotated.</summary>
public sealed class LogReader(string directory)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly string _current = $"{directory}/{LogFile.Current}";
    private FileStream? _open;

    /// <param name="lines">How many of the last ones.</param>
    /// <exception cref="FileNotFoundException">The unit has written nothing.</exception>
    public void Show(Stream output, int lines)
    {
        if (!Directory.Exists(directory)) throw new FileNotFoundException($"{directory}: no log; the unit has written nothing, or is not known");
        var old = new List<string>();
        foreach (var path in Directory.GetFiles(directory))
            if (Path.GetFileName(path) is var name && name != LogFile.Current && !name.EndsWith(".new", StringComparison.Ordinal)) old.Add(path);
        old.Sort(StringComparer.Ordinal);
        if (File.Exists(_current)) _open = Open(_current);
        if (lines == int.MaxValue)
        {
            foreach (var path in old)
                using (var file = OpenOld(path)) file.CopyTo(output);
            _open?.CopyTo(output);
            return;
        }
        output.Write(Tail(old, lines));
    }

    /// <summary>Copies what comes, until cancelled.</summary>
    public void Follow(Stream output, CancellationToken cancellation)
    {
        while (!cancellation.WaitHandle.WaitOne(Pause))
        {
            _open?.CopyTo(output);
            output.Flush();
            if (!File.Exists(_current)) continue;
            if (_open is not null && !HasMoved(_open)) continue;
            // the file has another name now: its rest, then the new one
            _open?.CopyTo(output);
            _open?.Dispose();
            _open = Open(_current);
        }
    }

    private bool HasMoved(FileStream file)
    {
        if (file.Length < file.Position)
        {
            file.Position = 0;    // cut off by a rotation that copies
            return false;
        }
        var (mine, now) = (Firn.Linux.Files.FileIdentity.Of(file.SafeFileHandle), Firn.Linux.Files.FileIdentity.Of(_current));
        return now is not null && mine != now;
    }

    private byte[] Tail(List<string> old, int lines)
    {
        var text = ReadAll(_open);
        for (var i = old.Count - 1; i >= 0 && Count(text) < lines; i--)
            using (var file = OpenOld(old[i])) text = [.. ReadAll(file), .. text];
        var start = text.Length;
        for (var found = 0; start > 0; start--)
            if (text[start - 1] == '\n' && start < text.Length && ++found >= lines) break;
        return text[start..];
    }

    private static int Count(byte[] text) => text.AsSpan().Count((byte)'\n');

    private static byte[] ReadAll(Stream? stream)
    {
        using var all = new MemoryStream();
        stream?.CopyTo(all);
        return all.ToArray();
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private static Stream OpenOld(string path) =>
        path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(Open(path), CompressionMode.Decompress) : Open(path);
}
