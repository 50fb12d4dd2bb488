using System.Buffers;
using Firn.Formats.Payloads;
using Firn.Linux.Memory;

namespace Firn.Machine.Updates;

/// <summary>
/// The blocks that a pack makes, in order, frame by frame and piece by piece: while one is written, the next is made. What cannot
/// be made is fetched from the image, all of a piece at a time. Nothing that is read here has been proven.
/// </summary>
internal sealed class PatchedBlocks : IAsyncDisposable
{
    /// <summary>A piece ends with the block that reaches this.</summary>
    private const int PieceBytes = 1 << 20;

    private readonly IReleaseSource _source;
    private readonly ImagePlan _image;
    private readonly ImagePatch _patch;
    private readonly BlockPlan _plan;
    private readonly RateLimit _limit;
    private readonly OriginCount _origins;
    private readonly CancellationTokenSource _end;
    private readonly PatchReader _reader;
    private readonly RangeQueue _pack;
    private readonly IMemoryOwner<byte> _frame;
    private readonly IMemoryOwner<byte>[] _buffers;
    private readonly Queue<int> _frames;
    private bool _isPackLost;
    private int _pieces;
    private IEnumerator<WantedBlock>? _blocks;    // of a frame
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
        _frames = new(image.Frames);
        var file = _patch.File;
        _pack = new(source, file.File, file.SizeBytes, image.PackRanges, limit, origins, _end.Token);
        _reader = _patch.OpenReader();
        var most = 0;
        foreach (var frame in image.Frames) most = Math.Max(most, (int)_patch.Head.Frames[frame].Bytes.Length);
        _frame = MappedMemory.Allocate(most);
        var pieceBytes = PieceBytes + image.LongestBlockBytes;
        _buffers = [MappedMemory.Allocate(pieceBytes), MappedMemory.Allocate(pieceBytes)];
    }

    /// <param name="destination">Of the length of the next block that the plan says is patched.</param>
    public async ValueTask ReadAsync(Memory<byte> destination)
    {
        while (_made.IsEmpty) _made = await TakeAsync();
        _made[..destination.Length].CopyTo(destination);
        _made = _made[destination.Length..];
    }

    private async Task<ReadOnlyMemory<byte>> TakeAsync()
    {
        var made = await (_making ?? Begin());
        _making = _blocks is null && _frames.Count == 0 ? null : Begin();
        return made;
    }

    private Task<ReadOnlyMemory<byte>> Begin()
    {
        var buffer = _buffers[_pieces++ % _buffers.Length].Memory;
        return Task.Run(() => MakeAsync(buffer));
    }

    /// <returns>Empty if the frame had no more.</returns>
    private async Task<ReadOnlyMemory<byte>> MakeAsync(Memory<byte> buffer)
    {
        if (_blocks is null)
        {
            var frame = _frames.Dequeue();
            _blocks = Make(frame, await FetchAsync(_patch.Head.Frames[frame])).GetEnumerator();
        }
        var refused = new List<RefusedBlock>();
        var end = 0;
        while (end < PieceBytes)
        {
            _end.Token.ThrowIfCancellationRequested();
            if (!_blocks.MoveNext())
            {
                _blocks.Dispose();
                _blocks = null;
                break;
            }
            var (block, bytes) = _blocks.Current;
            if (bytes.IsEmpty) refused.Add(new(block, buffer.Slice(end, block.Length)));
            else _origins.AddPatches(block.Length);
            bytes.CopyTo(buffer[end..]);
            end += block.Length;
        }
        if (refused.Count > 0) await FetchRefusedAsync(refused);
        return buffer[..end];
    }

    /// <summary>The blocks of a frame that are to be made, with their bytes until the next one; with none if they could not be.</summary>
    private IEnumerable<WantedBlock> Make(int frame, ReadOnlyMemory<byte> stored)
    {
        using var made = (stored.IsEmpty ? [] : _reader.Apply(frame, stored)).GetEnumerator();
        foreach (var block in _patch.BlocksOf(frame))
        {
            var bytes = made.MoveNext() ? made.Current.Stored : default;
            if (_plan.Origins[block.Number].Kind == BlockOriginKind.Patch) yield return new(_plan.Index.Blocks[block.Number], bytes);
        }
    }

    /// <summary>A frame that is what the head says; empty if it cannot be had.</summary>
    private async Task<ReadOnlyMemory<byte>> FetchAsync(PackFrame frame)
    {
        if (_isPackLost) return default;
        var bytes = _frame.Memory[..(int)frame.Bytes.Length];
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

    private async Task FetchRefusedAsync(List<RefusedBlock> refused)
    {
        var (file, ranges) = (_image.Image, new List<ByteRange>());
        foreach (var (block, _) in refused) ranges.Add(new(block.Offset, block.Length));
        await using var queue = new RangeQueue(_source, file.File, file.SizeBytes, ByteRange.Coalesce(ranges), _limit, _origins, _end.Token);
        foreach (var (block, destination) in refused) await queue.ReadAsync(block.Offset, destination);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        if (_making is { } making) await making.ContinueWith(_ => { }, TaskScheduler.Default);
        await _pack.DisposeAsync();
        _blocks?.Dispose();
        _reader.Dispose();
        _frame.Dispose();
        foreach (var buffer in _buffers) buffer.Dispose();
        _end.Dispose();
    }

    private sealed record WantedBlock(IndexedBlock Block, ReadOnlyMemory<byte> Bytes);

    private sealed record RefusedBlock(IndexedBlock Block, Memory<byte> Destination);
}
