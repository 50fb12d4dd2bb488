using Firn.Formats.Payloads;
using Firn.Trust.Transports;

namespace Firn.Machine.Updates;

/// <summary>
/// Reads parts of a file in order. Some requests are sent before their turn comes, so that none of them costs a round trip;
/// what arrives early waits in the kernel's buffers and not in ours.
/// </summary>
/// <param name="source">The release.</param>
/// <param name="file">One of its files.</param>
/// <param name="sizeBytes">Of the file.</param>
/// <param name="ranges">What will be asked for, in order.</param>
/// <param name="limit">Of the network.</param>
/// <param name="origins">Told what arrives.</param>
/// <param name="cancellation">Ends all transfers.</param>
internal sealed class RangeQueue(
    IReleaseSource source, string file, long sizeBytes, IReadOnlyList<ByteRange> ranges, RateLimit limit, OriginCount origins,
    CancellationToken cancellation) : IAsyncDisposable
{
    private const int Ahead = 3;
    private const int MaximumAttempts = 5;
    private const int SkipBytes = 64 << 10;
    private const int FirstPause = 100;    // milliseconds

    private readonly Queue<Opening> _open = [];
    private int _next, _attempts;
    private Stream? _body;
    private ByteRange _range;
    private long _position;
    private bool _isWhole;

    /// <param name="offset">Within the ranges, and not before what was read last.</param>
    /// <param name="destination">Is filled.</param>
    /// <exception cref="IOException">It cannot be had.</exception>
    public async ValueTask ReadAsync(long offset, Memory<byte> destination)
    {
        while (_body is null || !_isWhole && offset >= _range.End) await OpenNextAsync();
        if (offset < _position) throw new ArgumentOutOfRangeException(nameof(offset), offset, "ranges are read in order");
        if (offset > _position)
        {
            var skipped = new byte[(int)Math.Min(SkipBytes, offset - _position)];
            while (_position < offset) await ReadPartAsync(skipped.AsMemory(0, (int)Math.Min(skipped.Length, offset - _position)));
        }
        for (; !destination.IsEmpty; destination = destination[limit.Portion(destination.Length)..])
            await ReadPartAsync(destination[..limit.Portion(destination.Length)]);
    }

    private async Task ReadPartAsync(Memory<byte> part)
    {
        while (!part.IsEmpty)
        {
            var count = 0;
            try
            {
                count = await _body!.ReadAsync(part, cancellation);
            }
            catch (IOException) when (!_isWhole && source.Distrust(file))
            {
                await ForgetAheadAsync();
            }
            if (count == 0)
            {
                await ReopenAsync();
                continue;
            }
            _attempts = 0;
            _position += count;
            part = part[count..];
            origins.AddSource(count);
            await limit.ReceivedAsync(count, cancellation);
        }
    }

    /// <summary>What was read was wrong: the rest is asked for anew, if there is somebody else to ask.</summary>
    public async Task TurnAwayAsync()
    {
        if (!source.Distrust(file) || _isWhole) return;
        await ForgetAheadAsync();
        if (_body is null || _position >= _range.End) return;
        await ReopenAsync();
    }

    private async Task ForgetAheadAsync()
    {
        await CloseAheadAsync();
        _next -= _open.Count;
        _open.Clear();
    }

    /// <summary>A server that ends its answer too early is asked for the rest.</summary>
    private async Task ReopenAsync()
    {
        if (++_attempts > MaximumAttempts || _isWhole)
            throw new IOException($"{source.Name}: {file} ends after {_position} bytes, expected {(_isWhole ? sizeBytes : _range.End)}");
        await _body!.DisposeAsync();
        _body = await OpenAsync(_range with { Offset = _position, Length = _range.End - _position });
    }

    private async Task OpenNextAsync()
    {
        if (_body is not null) await _body.DisposeAsync();
        _body = null;
        for (; _open.Count <= Ahead && _next < ranges.Count; _next++) _open.Enqueue(new(ranges[_next], OpenAsync(ranges[_next])));
        var opening = _open.Dequeue();
        try
        {
            (_body, _range, _position) = (await opening.Body, opening.Range, opening.Range.Offset);
        }
        catch (RangesIgnoredException)
        {
            // once the whole file, instead of all that is before each part
            _body = await OpenAsync(new(0, sizeBytes));
            (_range, _position, _isWhole) = (new(0, sizeBytes), 0, true);
        }
    }

    /// <summary>A connection that could not be made is tried again, for a while.</summary>
    private async Task<Stream> OpenAsync(ByteRange range)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                origins.AddRequest();
                return await source.OpenRangeAsync(file, range.Offset, range.Length, cancellation);
            }
            catch (IOException error) when (error.InnerException is HttpRequestException && attempt < MaximumAttempts)
            {
                await Task.Delay(FirstPause << attempt, cancellation);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_body is not null) await _body.DisposeAsync();
        await CloseAheadAsync();
    }

    private async Task CloseAheadAsync()
    {
        foreach (var opening in _open)
        {
            try
            {
                await (await opening.Body).DisposeAsync();
            }
            catch (Exception error) when (error is IOException or OperationCanceledException)
            {
                // nobody needs it any more
            }
        }
    }

    /// <summary>A request whose turn has not come.</summary>
    private sealed record Opening(ByteRange Range, Task<Stream> Body);
}
