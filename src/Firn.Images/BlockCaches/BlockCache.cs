using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Firn.Formats.SquashFs;
using Firn.Linux.Compression;

namespace Firn.Images.BlockCaches;

/// <summary>
/// Compressed blocks by the content they were made of, in a directory that builds and machines may share. Blocks of
/// another level, block size, zstd or processor kind have a directory of their own: they would have other bytes.
/// Nothing that happens to the cache makes an image wrong: what cannot be read is compressed again.
/// </summary>
internal sealed class BlockCache : IDisposable
{
    private const string BlocksDirectory = "blocks";
    private const int SmallestBuffer = 8 << 10;    // metadata comes in blocks of 8 KiB
    private const int MostPacks = 64;
    private const long SmallPackBytes = 16 << 20;

    private readonly string _root;
    private readonly long _limitBytes;
    private readonly Dictionary<BlockKey, (PackFile Pack, long Offset, PackRecord Record)> _known = [];
    private readonly ConcurrentDictionary<BlockKey, byte> _used = new();
    private readonly ConcurrentDictionary<BlockKey, byte> _added = new();
    private readonly List<PackFile> _packs = [];
    private readonly Lock _gate = new();
    private readonly int _blockBytes;
    private PackWriter? _writer;    // null when nothing can be written: a full disk, a cache of others
    private long _hits, _misses;

    /// <param name="directory">Of all caches; made if it is not there.</param>
    /// <param name="limitBytes">What the cache may have when this build is done.</param>
    public BlockCache(string directory, int level, int blockBytes, long limitBytes)
    {
        (_root, _limitBytes, _blockBytes) = (Path.Combine(directory, BlocksDirectory), limitBytes, blockBytes);
        var processor = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        var own = Path.Combine(_root, $"zstd-{Zstd.Version}-{processor}-level-{level}-block-{blockBytes >> 10}k");
        try
        {
            CacheDirectory.Make(directory, _root, own);
            foreach (var partial in Directory.EnumerateFiles(own, $"*{PackWriter.Suffix}")) PackWriter.TryAdopt(partial);
            _writer = PackWriter.Create(own);
        }
        catch (Exception error) when (IsAboutWriting(error))
        {
            Problem = error.Message;
        }
        foreach (var path in Directory.Exists(own) ? Directory.EnumerateFiles(own, $"*{PackFile.Suffix}") : [])
            if (PackFile.TryOpen(path) is { } pack) _packs.Add(pack);
        foreach (var pack in _packs)
            foreach (var (record, offset) in pack.Records) _known[record.Key] = (pack, offset, record);
    }

    /// <summary>Why the cache does not keep what this build compresses; null when it does.</summary>
    private string? Problem { get; set; }

    /// <summary>The problem, for whoever builds; known when all is disposed of.</summary>
    public string? Warning => Problem is { } problem ? $"the cache keeps little or nothing of this build: {problem}" : null;

    /// <summary>Blocks that were there, and those that were not.</summary>
    public (long Hits, long Misses) Counts => (Interlocked.Read(ref _hits), Interlocked.Read(ref _misses));

    /// <summary>A compressor that looks here first; for one thread, like the one it calls.</summary>
    public BlockCompressor Wrap(BlockCompressor compress)
    {
        var record = new byte[PackRecord.HeaderBytes + Math.Max(_blockBytes, SmallestBuffer)];
        return (plain, compressed) =>
        {
            var key = BlockKey.Of(plain);
            if (TryGet(key, plain.Length, record, compressed) is { } known) return known;
            var size = compress(plain, compressed);
            Add(key, plain.Length, record, compressed[..(size >= plain.Length ? 0 : size)]);
            return size;
        };
    }

    private int? TryGet(BlockKey key, int plainBytes, byte[] buffer, Span<byte> compressed)
    {
        if (_known.TryGetValue(key, out var place) && place.Record.PlainBytes == plainBytes)
        {
            var record = buffer.AsSpan(0, place.Record.RecordBytes);
            if (place.Pack.TryRead(place.Offset, record) && PackRecord.Read(record) == place.Record)
            {
                record[PackRecord.HeaderBytes..].CopyTo(compressed);
                place.Pack.MarkUsed();
                _used.TryAdd(key, 0);
                Interlocked.Increment(ref _hits);
                return place.Record.StoredBytes;
            }
        }
        Interlocked.Increment(ref _misses);
        return null;
    }

    private void Add(BlockKey key, int plainBytes, byte[] buffer, ReadOnlySpan<byte> stored)
    {
        if (!_added.TryAdd(key, 0)) return;
        var header = new PackRecord(key, plainBytes, stored.Length);
        var record = buffer.AsSpan(0, header.RecordBytes);
        stored.CopyTo(record[PackRecord.HeaderBytes..]);
        header.Seal(record);
        lock (_gate)
        {
            try
            {
                _writer?.Add(header, record);
            }
            catch (Exception error) when (IsAboutWriting(error))
            {
                (_writer, Problem) = (null, error.Message);    // what was written stays; the next build looks after it
            }
        }
    }

    /// <summary>Keeps what was compressed, and keeps the cache within its limit.</summary>
    public void Dispose()
    {
        try
        {
            if (_writer is null) return;
            var remove = new List<PackFile>();
            using (_writer)
            {
                if (_packs.Count > MostPacks) remove.AddRange(Merge());
                remove.AddRange(MakeRoom(remove));
            }
            foreach (var pack in remove) CacheDirectory.TryRemove(pack.Path);
        }
        catch (Exception error) when (IsAboutWriting(error))
        {
            Problem = error.Message;
        }
        finally
        {
            foreach (var pack in _packs) pack.Dispose();
        }
    }

    // Many small builds leave many small packs, and opening them takes longer than reading.
    private List<PackFile> Merge()
    {
        var small = _packs.Where(pack => pack.SizeBytes < SmallPackBytes).ToList();
        foreach (var pack in small) Move(pack, _ => true);
        return small;
    }

    // The packs unused for longest go, as far as they are ours to remove; but what this build used of them stays.
    private List<PackFile> MakeRoom(List<PackFile> gone)
    {
        var others = CacheDirectory.Packs(_root).OrderBy(file => file.LastWriteTimeUtc).ToList();
        var total = others.Sum(file => file.Length) + _writer!.SizeBytes - gone.Sum(pack => pack.SizeBytes);
        var removed = new List<PackFile>();
        foreach (var file in others)
        {
            if (total <= _limitBytes) break;
            if (gone.Any(pack => pack.Path == file.FullName)) continue;
            if (_packs.Find(pack => pack.Path == file.FullName) is not { } pack)
            {
                if (CacheDirectory.TryRemove(file.FullName)) total -= file.Length;
                continue;
            }
            total -= file.Length;
            var before = _writer.SizeBytes;
            Move(pack, _used.ContainsKey);
            total += _writer.SizeBytes - before;
            removed.Add(pack);
        }
        return removed;
    }

    private void Move(PackFile pack, Predicate<BlockKey> isWanted)
    {
        var buffer = new byte[PackRecord.HeaderBytes + SquashFsOptions.MaximumBlockSizeBytes];
        foreach (var (header, offset) in pack.Records)
        {
            var record = buffer.AsSpan(0, header.RecordBytes);
            if (isWanted(header.Key) && pack.TryRead(offset, record) && _added.TryAdd(header.Key, 0)) _writer!.Add(header, record);
        }
    }

    private static bool IsAboutWriting(Exception error) => error is IOException or UnauthorizedAccessException;
}
