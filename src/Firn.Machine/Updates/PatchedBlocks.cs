using Firn.Formats.Payloads;

namespace Firn.Machine.Updates;

/// <summary>
/// The blocks that a pack makes, in order, frame by frame; while those of one are written, the next are made if there is memory
/// for both. What cannot be made is fetched from the image, all of a frame at a time. Nothing that is read here has been proven.
/// </summary>
internal sealed class PatchedBlocks : IAsyncDisposable
{
    /// <summary>Of what a frame makes, up to which the next is made at the same time.</summary>
    private const int MostAheadBytes = 5 << 20;

    private readonly IReleaseSource _source;
    private readonly ImagePlan _image;
    private readonly ImagePatch _patch;
    private readonly BlockPlan _plan;
    private readonly RateLimit _limit;
    private readonly OriginCount _origins;
    private readonly CancellationTokenSource _end;
    private readonly PatchReader _reader;
    private readonly List<int> _frames;
    private readonly RangeQueue _pack;
    private readonly byte[] _frame;
    private readonly byte[][] _buffers;
    private bool _isPackLost;
    private int _next;
    private Task<ReadOnlyMemory<byte>>? _making;
    private ReadOnlyMemory<byte> _made;

    /// <param name="source">The release.</param>
    /// <param name="image">The image, with a patch.</param>
    /// <param name="limit">Of the network.</param>
    /// <param name="origins">Told where bytes come from.</param>
    /// <param name="cancellation">Ends it.</param>
    public PatchedBlocks(IReleaseSource source, ImagePlan image, RateLimit limit, OriginCount origins, CancellationToken cancellation)
    {
        (_source, _image, _limit, _origins) = (source, image, limit, origins);
        (_patch, _plan) = (image.Patch!, image.Blocks!);
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _frames = image.Frames;
        var file = _patch.File;
        _pack = new(source, file.File, file.SizeBytes, image.PackRanges, limit, origins, _end.Token);
        _reader = _patch.OpenReader();
        int most = 0, mostStored = 0;
        foreach (var frame in _frames)
        {
            mostStored = Math.Max(mostStored, (int)_patch.Head.Frames[frame].Bytes.Length);
            most = Math.Max(most, Wanted(frame).Sum(block => block.Length));
        }
        _frame = new byte[mostStored];
        _buffers = most <= MostAheadBytes && _frames.Count > 1 ? [new byte[most], new byte[most]] : [new byte[most]];
    }

    /// <param name="destination">Of the length of the next block that the plan says is patched.</param>
    public async ValueTask ReadAsync(Memory<byte> destination)
    {
        if (_made.IsEmpty) _made = await TakeAsync();
        _made[..destination.Length].CopyTo(destination);
        _made = _made[destination.Length..];
    }

    private async Task<ReadOnlyMemory<byte>> TakeAsync()
    {
        var made = await (_making ?? Begin());
        _making = _buffers.Length > 1 && _next < _frames.Count ? Begin() : null;
        return made;
    }

    private Task<ReadOnlyMemory<byte>> Begin()
    {
        var (frame, buffer) = (_frames[_next], _buffers[_next % _buffers.Length]);
        _next++;
        return Task.Run(() => MakeAsync(frame, buffer));
    }

    private async Task<ReadOnlyMemory<byte>> MakeAsync(int frame, byte[] buffer)
    {
        var stored = await FetchAsync(_patch.Head.Frames[frame]);
        using var made = (stored.IsEmpty ? [] : _reader.Apply(frame, stored)).GetEnumerator();
        var refused = new List<ByteRange>();
        var end = 0;
        foreach (var block in _patch.BlocksOf(frame))
        {
            _end.Token.ThrowIfCancellationRequested();
            var bytes = made.MoveNext() ? made.Current.Stored : default;
            if (!IsPatched(block)) continue;
            var (offset, length) = (_plan.Index.Blocks[block.Number].Offset, _plan.Index.Blocks[block.Number].Length);
            if (bytes.IsEmpty) refused.Add(new(offset, length));
            else _origins.AddPatches(length);
            bytes.CopyTo(buffer.AsMemory(end));
            end += length;
        }
        if (refused.Count > 0) await FetchRefusedAsync(frame, refused, buffer);
        return buffer.AsMemory(0, end);
    }

    /// <summary>A frame that is what the head says; empty if it cannot be had.</summary>
    private async Task<ReadOnlyMemory<byte>> FetchAsync(PackFrame frame)
    {
        if (_isPackLost) return default;
        var bytes = _frame.AsMemory(0, (int)frame.Bytes.Length);
        try
        {
            await _pack.ReadAsync(frame.Bytes.Offset, bytes);
        }
        catch (IOException)
        {
            _isPackLost = true;    // blocks are elsewhere; if it is the network, they will tell
            return default;
        }
        if (BlockHash.Of(bytes.Span) == frame.Hash) return bytes;
        await _pack.TurnAwayAsync();
        return default;
    }

    private async Task FetchRefusedAsync(int frame, List<ByteRange> refused, byte[] buffer)
    {
        var file = _image.Image;
        await using var queue = new RangeQueue(_source, file.File, file.SizeBytes, ByteRange.Coalesce(refused), _limit, _origins, _end.Token);
        int end = 0, next = 0;
        foreach (var block in Wanted(frame))
        {
            if (next < refused.Count && refused[next].Offset == block.Offset)
            {
                await queue.ReadAsync(block.Offset, buffer.AsMemory(end, block.Length));
                next++;
            }
            end += block.Length;
        }
    }

    private IEnumerable<IndexedBlock> Wanted(int frame) => _patch.BlocksOf(frame).Where(IsPatched).Select(block => _plan.Index.Blocks[block.Number]);

    private bool IsPatched(PatchedBlock block) => _plan.Origins[block.Number].Kind == BlockOriginKind.Patch;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        if (_making is { } making) await making.ContinueWith(_ => { }, TaskScheduler.Default);
        await _pack.DisposeAsync();
        _end.Dispose();
    }
}
