namespace Firn.Tests.Agent;

/// <summary>Whoever waits finds the time gone at once.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 11, 18, 12, 0, 0, TimeSpan.Zero);
    private readonly Lock _lock = new();
    private CancellationTokenSource? _stop;
    private TimeSpan _elapsed, _end, _behind, _setBack;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return Start + _elapsed - _behind;
    }

    public override long GetTimestamp()
    {
        lock (_lock) return _elapsed.Ticks;
    }

    public void End(CancellationTokenSource stop, TimeSpan after)
    {
        lock (_lock) (_stop, _end) = (stop, _elapsed + after);
    }

    /// <summary>While somebody waits for the first time.</summary>
    public void SetBack(TimeSpan by)
    {
        lock (_lock) _setBack = by;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan) return base.CreateTimer(callback, state, dueTime, period);
        lock (_lock)
        {
            _elapsed += dueTime;
            _behind += _setBack;
            _setBack = TimeSpan.Zero;
            if (_elapsed >= _end && _stop is { } stop) stop.CancelAfter(0);
        }
        return base.CreateTimer(callback, state, TimeSpan.FromMilliseconds(1), period);
    }
}
