namespace Firn.Cli.Commands.Pm;

/// <summary>Ends the program when a verb takes longer than a person wants to wait. What was asked for goes on.</summary>
internal sealed class PmDeadline(double? seconds) : IDisposable
{
    private Timer? _timer;

    public int Run(Func<int> ask, TextWriter error)
    {
        if (seconds is not { } limit) return ask();
        _timer = new Timer(_ =>
        {
            error.WriteLine($"not done within {limit} seconds");
            error.Flush();
            Environment.Exit(PmCommands.TimedOut);
        }, null, TimeSpan.FromSeconds(limit), Timeout.InfiniteTimeSpan);
        return ask();
    }

    public void Dispose() => _timer?.Dispose();
}
