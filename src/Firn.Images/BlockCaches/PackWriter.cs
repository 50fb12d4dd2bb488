using Firn.Linux.Files;

namespace Firn.Images.BlockCaches;

/// <summary>
/// A pack that grows, under a name of its own ending in <c>.partial</c>, locked while its writer lives. Finished, it is
/// given its ending and its name; when the writer is killed, whoever opens the cache next does that with the records
/// that are whole.
/// </summary>
internal sealed class PackWriter : IDisposable
{
    public const string Suffix = ".partial";
    private const int BufferBytes = 1 << 20;
    private const uint PackMode = 0x1b6;    // whoever shares the cache reads it: the umask decides

    private readonly string _path;
    private readonly FileLock _lock;
    private readonly FileStream _file;
    private readonly List<(PackRecord Record, long Offset)> _records;
    private bool _isEnded;

    private PackWriter(string path, FileLock fileLock, FileStream file, List<(PackRecord, long)> records) =>
        (_path, _lock, _file, _records) = (path, fileLock, file, records);

    public static PackWriter Create(string directory)
    {
        while (true)
        {
            // Random, because processes of several machines meet in one directory.
            var path = Path.Combine(directory, $"{Guid.NewGuid():n}{Suffix}");
            // Between being made and being locked it looks like what a dead process left, and may be taken or removed.
            if (FileLock.TryTake(path, PackMode) is not { } fileLock) continue;
            if (File.Exists(path)) return new(path, fileLock, Open(fileLock), []);
            fileLock.Dispose();
        }
    }

    /// <summary>Finishes what a killed process began; does nothing while its writer lives.</summary>
    public static void TryAdopt(string path)
    {
        FileLock? fileLock = null;
        try
        {
            if (!File.Exists(path) || (fileLock = FileLock.TryTake(path)) is null) return;
            var file = Open(fileLock);
            var records = Whole(file);
            using var writer = new PackWriter(path, fileLock, file, records);
            writer.End();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            fileLock?.Dispose();    // someone else was faster, or it is someone else's
        }
    }

    public long SizeBytes => _file.Position;

    /// <param name="header">What it is.</param>
    /// <param name="record">All of it, sealed.</param>
    public void Add(PackRecord header, ReadOnlySpan<byte> record)
    {
        _records.Add((header, _file.Position));
        _file.Write(record);
    }

    /// <summary>Gives the pack its ending and its name; an empty one is removed.</summary>
    public void End()
    {
        _isEnded = true;
        if (_records.Count == 0)
        {
            File.Delete(_path);
            return;
        }
        _file.Write(PackFile.Ending(_records));
        _file.Flush();
        File.Move(_path, Path.ChangeExtension(_path, PackFile.Suffix));
    }

    public void Dispose()
    {
        if (!_isEnded) End();
        _lock.Dispose();    // first: closing the file alone does not give the lock back while a forked child has it open
        _file.Dispose();
    }

    private static FileStream Open(FileLock fileLock) => new(fileLock.Handle, FileAccess.ReadWrite, BufferBytes);

    private static List<(PackRecord, long)> Whole(FileStream file)
    {
        var records = new List<(PackRecord, long)>();
        var buffer = new byte[PackRecord.HeaderBytes + (1 << 20)];
        var end = 0L;
        while (file.ReadAtLeast(buffer.AsSpan(0, PackRecord.HeaderBytes), PackRecord.HeaderBytes, throwOnEndOfStream: false) == PackRecord.HeaderBytes
            && PackRecord.Read(buffer) is { } record)
        {
            var whole = buffer.AsSpan(0, record.RecordBytes);
            var stored = whole[PackRecord.HeaderBytes..];
            if (file.ReadAtLeast(stored, stored.Length, throwOnEndOfStream: false) < stored.Length || !PackRecord.IsSealed(whole)) break;
            records.Add((record, end));
            end += record.RecordBytes;
        }
        file.SetLength(end);
        file.Position = end;
        return records;
    }
}
