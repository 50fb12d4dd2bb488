using System.Diagnostics;
using System.Security.Authentication;

namespace Firn.Trust.Transports;

/// <summary>
/// Ends a transfer that has come to a standstill, or to a trickle that would never end. Only time spent waiting for the
/// server counts.
/// </summary>
internal sealed class StallGuard : IDisposable
{
    private readonly string _subject;
    private readonly HttpLimits _limits;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _source;
    private TimeSpan _patience;
    private long _receivedBytes, _mark;

    public StallGuard(string subject, HttpLimits limits, CancellationToken caller)
    {
        (_subject, _limits, _caller, _patience) = (subject, limits, caller, limits.StallTimeout);
        _source = CancellationTokenSource.CreateLinkedTokenSource(caller);
    }

    /// <summary>Waits for a step of the transfer.</summary>
    /// <exception cref="IOException">The server took too long, or the connection broke.</exception>
    public async Task<T> WaitAsync<T>(Func<CancellationToken, Task<T>> step)
    {
        var waiting = Stopwatch.StartNew();
        _source.CancelAfter(_patience > TimeSpan.Zero ? _patience : TimeSpan.Zero);
        try
        {
            return await step(_source.Token);
        }
        catch (OperationCanceledException) when (!_caller.IsCancellationRequested)
        {
            throw new IOException(
                $"{_subject}: the transfer stalled after {_receivedBytes} bytes (slower than {_limits.StallBytes} bytes in "
                + $"{_limits.StallTimeout.TotalSeconds:0.#} s)");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            var reason = error.InnerException is AuthenticationException certificate ? certificate.Message : error.Message;
            throw new IOException($"{_subject}: {(_receivedBytes > 0 ? $"after {_receivedBytes} bytes: " : "")}{reason}", error);
        }
        finally
        {
            _source.CancelAfter(Timeout.InfiniteTimeSpan);
            _patience -= waiting.Elapsed;
        }
    }

    public void Received(int count)
    {
        _receivedBytes += count;
        if (_receivedBytes - _mark < _limits.StallBytes) return;
        (_mark, _patience) = (_receivedBytes, _limits.StallTimeout);
    }

    public void Dispose() => _source.Dispose();
}
