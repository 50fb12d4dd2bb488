using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>
/// Writes the content of all files: large ones in path order, then the blocks that small ones share, so that a small
/// change leaves the large ones in their place. The calling thread decides what goes where and writes it; the workers
/// read and compress. The number of jobs is bounded, and so is memory.
/// </summary>
internal sealed class DataWriter : IDisposable
{
    private const int PendingBytes = 2 << 20;

    private readonly Stream _image;
    private readonly int _blockSize;
    private readonly int _mostPending;
    private readonly BufferPool _buffers;
    private readonly WorkerPool _pool;
    private readonly IProgress<SquashFsProgress>? _progress;
    private readonly Queue<BlockJob> _pending = new();
    private readonly Dictionary<ContentKey, FileLayout> _written = [];
    private readonly List<FragmentBlock> _fragments = [];
    private readonly IReadOnlyDictionary<FileNode, int>? _order;
    private byte[]? _fragment;
    private int _fragmentLength;
    private uint _fragmentIndex;
    private long _position;
    private long _doneBytes, _totalBytes;

    public DataWriter(
        Stream image, long position, SquashFsOptions options, Func<BlockCompressor> newCompressor,
        IProgress<SquashFsProgress>? progress)
    {
        (_image, _position, _blockSize, _progress) = (image, position, options.BlockSizeBytes, progress);
        _order = options.Order;
        _mostPending = Math.Max(4 * options.Threads + 4, PendingBytes / _blockSize);
        // A compressor is fastest when it need not look for the end of its buffer: room for what does not shrink.
        var bufferSize = _blockSize + _blockSize / 128 + 1024;
        _buffers = new(bufferSize);
        var workers = Enumerable.Range(0, options.Threads).Select(_ => new Worker(newCompressor(), bufferSize)).ToList();
        _pool = new(workers);
    }

    /// <summary>The blocks that small files share, by number.</summary>
    public IReadOnlyList<FragmentBlock> Fragments => _fragments;

    /// <summary>Writes the files' content and tells each where it is.</summary>
    public void Write(IReadOnlyList<PlannedInode> files)
    {
        _totalBytes = files.Sum(file => file.Node.Content.SizeBytes);
        var largeFiles = files.Where(file => file.Node.Content.SizeBytes >= _blockSize).OrderBy(Rank).ToList();
        var smallFiles = files.Where(file => file.Node.Content.SizeBytes is var size && size > 0 && size < _blockSize)
            .OrderBy(Rank).ThenBy(file => file.Packing).ToList();

        var duplicates = FindDuplicates(largeFiles);
        foreach (var file in largeFiles) PutLargeFile(file, duplicates);
        var reader = new SmallFileReader(smallFiles, _blockSize, _pool, _buffers, batchesAhead: _pool.ThreadCount + 2);
        foreach (var file in smallFiles) PutSmallFile(file, reader);
        EndFragment();
        while (_pending.Count > 0) WriteFirstPending();
    }

    public void Dispose() => _pool.Dispose();

    private int Rank(PlannedInode file) => _order is not null && _order.TryGetValue(file.Node, out var rank) ? rank : int.MaxValue;

    private void PutSmallFile(PlannedInode file, SmallFileReader reader)
    {
        var content = reader.Next(out var key);
        if (_written.TryGetValue(key, out var layout))
            Done(content.Length);
        else if (!content.ContainsAnyExcept((byte)0))
        {
            layout = new(content.Length, blockCount: 1);    // a hole: no fragment, one block of no bytes
            Done(content.Length);
        }
        else
        {
            var isNearlyFull = _fragmentLength >= _blockSize / 8 * 7;
            if (_fragmentLength + content.Length > _blockSize || file.Packing.BeginsBlock && isNearlyFull) EndFragment();
            _fragment ??= _buffers.Rent();
            content.CopyTo(_fragment.AsSpan(_fragmentLength));
            layout = new(content.Length, blockCount: 0)
            {
                Fragment = _fragmentIndex,
                FragmentOffset = (uint)_fragmentLength,
            };
            _fragmentLength += content.Length;
        }
        file.Layout = _written[key] = layout;
    }

    private void EndFragment()
    {
        if (_fragment is null) return;
        Start(new(_buffers, _fragment, _fragmentLength));
        (_fragment, _fragmentLength) = (null, 0);
        _fragmentIndex++;
    }

    private void PutLargeFile(PlannedInode file, Dictionary<PlannedInode, ContentKey> duplicates)
    {
        var content = file.Node.Content;
        var mayHaveDuplicate = duplicates.TryGetValue(file, out var key);
        if (mayHaveDuplicate && _written.TryGetValue(key, out var layout))
        {
            file.Layout = layout;
            Done(content.SizeBytes);
            return;
        }
        file.Layout = new(content.SizeBytes, (int)((content.SizeBytes + _blockSize - 1) / _blockSize));
        if (mayHaveDuplicate) _written.Add(key, file.Layout);
        var storedBytes = 0L;
        foreach (var offset in ContentKey.BlockOffsets(content, _blockSize))
        {
            var length = (int)Math.Min(_blockSize, content.SizeBytes - offset);
            Start(new(_buffers, content, offset, length, file.Layout, (int)(offset / _blockSize)));
            storedBytes += length;
        }
        Done(content.SizeBytes - storedBytes);
    }

    // Blocks are written while a file is read, so which files repeat must be known before. Only those that share
    // their size are read twice.
    private Dictionary<PlannedInode, ContentKey> FindDuplicates(IEnumerable<PlannedInode> largeFiles)
    {
        var jobs = largeFiles
            .GroupBy(file => file.Node.Content.SizeBytes).Where(group => group.Skip(1).Any())
            .SelectMany(group => group.Select(file => new HashJob(file, _blockSize))).ToList();
        foreach (var job in jobs) _pool.Start(job);
        foreach (var job in jobs) job.Wait();
        return jobs.ToDictionary(job => job.File, job => job.Key);
    }

    private void Start(BlockJob job)
    {
        if (_pending.Count == _mostPending) WriteFirstPending();
        _pending.Enqueue(job);
        _pool.Start(job);
    }

    private void WriteFirstPending()
    {
        var job = _pending.Dequeue();
        job.Wait();
        if (job.File is null)
            _fragments.Add(new(_position, job.SizeWord));
        else
        {
            job.File.SizeWords[job.Index] = job.SizeWord;
            if (job.File.Start == 0 && job.SizeWord != 0) job.File.Start = _position;
        }
        _image.Write(job.Stored.Span);
        _position += job.Stored.Length;
        job.Release();
        Done(job.PlainLength);
    }

    private void Done(long bytes)
    {
        _doneBytes += bytes;
        _progress?.Report(new(_doneBytes, _totalBytes));
    }

    private sealed class HashJob(PlannedInode file, int blockSize) : Job
    {
        public PlannedInode File => file;
        public ContentKey Key { get; private set; }

        public override void Run(Worker worker) => Key = ContentKey.Of(file.Node.Content, blockSize, worker.Plain);
    }
}
