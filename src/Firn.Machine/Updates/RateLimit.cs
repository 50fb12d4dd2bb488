using System.Diagnostics;

namespace Firn.Machine.Updates;

/// <summary>Keeps what is received below a rate, over all transfers that share it.</summary>
/// <param name="bytesPerSecond">Null for no limit.</param>
internal sealed class RateLimit(long? bytesPerSecond)
{
    /// <summary>Seldom enough not to matter, and often enough that a transfer never looks stalled.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly long _began = Stopwatch.GetTimestamp();
    private long _received;

    /// <summary>How many bytes may be asked for at once, of <paramref name="wanted"/>.</summary>
    public int Portion(int wanted) => bytesPerSecond is { } rate ? (int)Math.Clamp(rate * LongestPause.TotalSeconds / 4, 1, wanted) : wanted;

    /// <summary>Waits as long as the rate asks for after <paramref name="count"/> bytes more.</summary>
    public async ValueTask ReceivedAsync(int count, CancellationToken cancellation)
    {
        var received = Interlocked.Add(ref _received, count);
        if (bytesPerSecond is not { } rate) return;
        var ahead = TimeSpan.FromSeconds(received / (double)rate) - Stopwatch.GetElapsedTime(_began);
        for (; ahead > TimeSpan.Zero; ahead -= LongestPause) await Task.Delay(ahead < LongestPause ? ahead : LongestPause, cancellation);
    }
}
