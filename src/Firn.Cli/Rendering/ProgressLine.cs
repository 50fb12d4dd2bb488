namespace Firn.Cli.Rendering;

/// <summary>
/// Shows long work on standard error. On a terminal: one line that is rewritten, with throughput and time left.
/// Elsewhere: one line for each step when it ends.
/// </summary>
internal sealed class ProgressLine(TextWriter output, bool isTerminal, TimeProvider clock) : IDisposable
{
    private readonly Lock _lock = new();
    private string? _step;
    private long _stepBegan, _lastDrawn, _doneBytes;

    public static ProgressLine OnStandardError() => new(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);

    /// <summary>Can be called from any thread.</summary>
    public void Report(string step, long doneBytes, long? totalBytes, string? detail = null)
    {
        lock (_lock)
        {
            if (step != _step)
            {
                EndStep();
                _step = step;
                _stepBegan = clock.GetTimestamp();
                _lastDrawn = 0;
            }
            _doneBytes = doneBytes;
            if (!isTerminal || clock.GetElapsedTime(_lastDrawn) < TimeSpan.FromMilliseconds(100) && _lastDrawn != 0) return;
            _lastDrawn = clock.GetTimestamp();
            output.Write($"\r\e[K{Describe(step, doneBytes, totalBytes, clock.GetElapsedTime(_stepBegan))}{(detail is null ? "" : $" {detail}")}");
        }
    }

    public void Dispose()
    {
        lock (_lock) EndStep();
    }

    private void EndStep()
    {
        if (_step is null) return;
        var took = clock.GetElapsedTime(_stepBegan);
        var amount = _doneBytes > 0 ? $", {Amount.OfBytes(_doneBytes)}" : "";
        output.WriteLine($"{(isTerminal ? "\r\e[K" : "")}{_step}: {Amount.OfTime(took)}{amount}");
        _step = null;
        _doneBytes = 0;
    }

    private static string Describe(string step, long done, long? total, TimeSpan took)
    {
        if (done == 0) return $"{step} ...";
        var rate = took > TimeSpan.Zero ? (long)(done / took.TotalSeconds) : 0;
        var text = $"{step}: {Amount.OfBytes(done)}";
        if (total is > 0) text += $" of {Amount.OfBytes(total.Value)}, {100 * done / total.Value} %";
        if (rate > 0) text += $", {Amount.OfBytes(rate)}/s";
        if (total > done && rate > 0) text += $", {Amount.OfTime(TimeSpan.FromSeconds((total.Value - done) / (double)rate))} left";
        return text;
    }
}
