using System.Globalization;
using System.IO.Compression;
using Firn.Linux.Events;
using Firn.Supervision.Units;

namespace Firn.Supervision.Logs;

/// <summary>
/// The files of one unit's log: <c>current</c>, and older ones named by the time at which they were closed. Made when the
/// first byte comes. When the medium is full the oldest goes, then what comes is dropped and counted.
/// </summary>
internal sealed class LogFile(string directory) : IDisposable
{
    public const string Current = "current";

    private Descriptor? _file;
    private List<string>? _old;
    private long _lost;

    public long Size { get; private set; }
    public long MaximumSize { get; set; } = 1 << 20;
    public int Keep { get; set; } = 10;
    public bool Compress { get; set; }

    public void Follow(UnitDefinition definition) =>
        (MaximumSize, Keep, Compress) = (definition.LogSize, definition.LogKeep, definition.LogCompress);

    /// <summary>Moves what is in a pipe to the file.</summary>
    /// <returns>How much; below 0 when the file takes none.</returns>
    public int Take(Descriptor pipe, int most)
    {
        if (_file is null && !Open()) return -1;
        var count = pipe.SpliceTo(_file!, most);
        if (count > 0) Size += count;
        return count;
    }

    /// <summary>Writes all of it, or counts it as lost.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_file is not null || Open())
        {
            if (_lost > 0) TellLoss();
            while (bytes.Length > 0 && _file!.Write(bytes) is > 0 and var count)
            {
                Size += count;
                bytes = bytes[count..];
            }
        }
        _lost += bytes.Length;
    }

    public void CountLost(int bytes) => _lost += bytes;

    public bool HasLoss => _lost > 0;

    /// <summary>Closes the file under the name of this moment; the next bytes begin a new one.</summary>
    public void Rotate()
    {
        if (_file is null) return;
        _file.Dispose();
        _file = null;
        Size = 0;
        var name = $"{DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss.fffffff", CultureInfo.InvariantCulture)}Z";
        try
        {
            var path = $"{directory}/{name}";
            for (var i = 1; File.Exists(path); i++) path = $"{directory}/{name}-{i}";
            File.Move($"{directory}/{Current}", path);
            Old.Add(path);
            if (Compress) CompressInBackground(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // it goes on in the same file then
        }
        while (Old.Count >= Keep) DropOldest();
    }

    /// <returns>False when there is none.</returns>
    public bool DropOldest()
    {
        if (Old.Count == 0) return false;
        var path = Old[0];
        Old.RemoveAt(0);
        try
        {
            File.Delete(path);
            File.Delete($"{path}.gz");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // then it stays
        }
        return true;
    }

    public void Dispose() => _file?.Dispose();

    private List<string> Old
    {
        get
        {
            if (_old is not null) return _old;
            _old = [];
            foreach (var path in Directory.GetFiles(directory))
                if (Path.GetFileName(path) is var name && name != Current && !name.EndsWith(".new", StringComparison.Ordinal))
                    _old.Add(name.EndsWith(".gz", StringComparison.Ordinal) ? path[..^3] : path);
            _old.Sort(StringComparer.Ordinal);
            return _old;
        }
    }

    private bool Open()
    {
        Firn.Linux.Files.SmallFile.TryMakeDirectory(directory);
        _file = Descriptor.OpenEnd($"{directory}/{Current}", out var size);
        Size = size;
        return _file is not null;
    }

    private void TellLoss()
    {
        var note = System.Text.Encoding.UTF8.GetBytes($"[pm: {_lost} bytes were lost: the medium was full]\n");
        if (_file!.Write(note) != note.Length) return;
        Size += note.Length;
        _lost = 0;
    }

    private static void CompressInBackground(string path) => ThreadPool.QueueUserWorkItem(_ =>
    {
        try
        {
            using (var source = File.OpenRead(path))
            using (var target = new GZipStream(File.Create($"{path}.gz.new"), CompressionLevel.Fastest)) source.CopyTo(target);
            File.Move($"{path}.gz.new", $"{path}.gz", overwrite: true);
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // the log stays as it is
        }
    });
}
