using System.Text;

namespace Firn.Web.Http;

/// <summary>The body of a request as it comes: never more than its head said, and not at any speed.</summary>
/// <param name="begun">What was read along with the head.</param>
/// <param name="invite">Tells a client that waits for it to send.</param>
public sealed class HttpBody(Stream stream, ReadOnlyMemory<byte> begun, long lengthBytes, TimeSpan patience, Func<ValueTask> invite)
{
    /// <summary>Slower than this within a patience is as good as broken off.</summary>
    private const int LeastBytes = 64 << 10;

    private readonly System.Diagnostics.Stopwatch _watch = System.Diagnostics.Stopwatch.StartNew();
    private ReadOnlyMemory<byte> _begun = begun;
    private long _doneBytes, _sinceWatch;

    public long LengthBytes => lengthBytes;

    /// <returns>0 at its end.</returns>
    /// <exception cref="IOException">It was broken off.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken stop)
    {
        if (_doneBytes == lengthBytes) return 0;
        if (_doneBytes == 0) await invite();
        var most = buffer[..(int)Math.Min(buffer.Length, lengthBytes - _doneBytes)];
        var count = Math.Min(_begun.Length, most.Length);
        if (count > 0)
        {
            _begun[..count].CopyTo(most);
            _begun = _begun[count..];
        }
        else count = await ReadStreamAsync(most, stop);
        if (count == 0) throw new EndOfStreamException($"it was broken off after {_doneBytes} of {lengthBytes} bytes");
        _doneBytes += count;
        RequireSpeed(count);
        return count;
    }

    /// <exception cref="HttpProblemException">It is longer.</exception>
    public async Task<string> ReadTextAsync(int limitBytes, CancellationToken stop)
    {
        if (lengthBytes > limitBytes) throw new HttpProblemException(413, $"more than {limitBytes} bytes");
        var bytes = new byte[lengthBytes];
        for (var length = 0; length < bytes.Length;) length += await ReadAsync(bytes.AsMemory(length), stop);
        return Encoding.UTF8.GetString(bytes);
    }

    private async ValueTask<int> ReadStreamAsync(Memory<byte> buffer, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(patience);
        try
        {
            return await stream.ReadAsync(buffer, limit.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw TooSlow();
        }
    }

    private void RequireSpeed(int count)
    {
        _sinceWatch += count;
        if (_watch.Elapsed < patience) return;
        if (_sinceWatch < LeastBytes && _doneBytes < lengthBytes) throw TooSlow();
        _watch.Restart();
        _sinceWatch = 0;
    }

    private IOException TooSlow() => new($"it came too slowly, and was given up after {_doneBytes} of {lengthBytes} bytes");
}
