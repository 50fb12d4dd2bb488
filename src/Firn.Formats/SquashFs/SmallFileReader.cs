namespace Firn.Formats.SquashFs;

/// <summary>
/// Reads files that are smaller than a block, in their order and ahead of the one who asks: many opens and reads at
/// once, and their digests too.
/// </summary>
internal sealed class SmallFileReader(
    IReadOnlyList<PlannedInode> files, int blockSize, WorkerPool pool, BufferPool buffers, int batchesAhead)
{
    private const int FilesPerBatch = 256;

    private readonly Queue<Batch> _started = new();
    private Batch? _current;
    private int _nextInBatch, _nextOffset, _nextToStart;

    /// <summary>The content of the next file, until the next call.</summary>
    public ReadOnlySpan<byte> Next(out ContentKey key)
    {
        if (_current is null || _nextInBatch == _current.Files.Count) Advance();
        var content = _current!.Buffer.AsSpan(_nextOffset, (int)_current.Files[_nextInBatch].Node.Content.SizeBytes);
        key = _current.Keys[_nextInBatch++];
        _nextOffset += content.Length;
        return content;
    }

    private void Advance()
    {
        if (_current is not null) buffers.Return(_current.Buffer);
        while (_started.Count <= batchesAhead && _nextToStart < files.Count) StartBatch();
        _current = _started.Dequeue();
        (_nextInBatch, _nextOffset) = (0, 0);
        _current.Wait();
    }

    private void StartBatch()
    {
        var batch = new Batch([], buffers.Rent());
        for (var bytes = 0L; _nextToStart < files.Count && batch.Files.Count < FilesPerBatch; _nextToStart++)
        {
            bytes += files[_nextToStart].Node.Content.SizeBytes;
            if (bytes > blockSize) break;
            batch.Files.Add(files[_nextToStart]);
        }
        pool.Start(batch, isUrgent: true);
        _started.Enqueue(batch);
    }

    private sealed class Batch(List<PlannedInode> files, byte[] buffer) : Job
    {
        public List<PlannedInode> Files { get; } = files;
        public byte[] Buffer { get; } = buffer;
        public ContentKey[] Keys { get; private set; } = [];

        public override void Run(Worker worker)
        {
            Keys = new ContentKey[Files.Count];
            var rest = Buffer.AsSpan();
            for (var i = 0; i < Files.Count; i++)
            {
                var content = rest[..(int)Files[i].Node.Content.SizeBytes];
                Files[i].Node.Content.Read(0, content);
                Keys[i] = ContentKey.Of(content);
                rest = rest[content.Length..];
            }
        }
    }
}
