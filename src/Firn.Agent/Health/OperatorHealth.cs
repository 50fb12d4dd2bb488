using Firn.Linux.Files;
using Firn.Machine.Updates;

namespace Firn.Agent.Health;

/// <summary>
/// The last question: does a person agree? <c>firn update confirm</c> by hand is the answer. Meanwhile the guard of the trial is
/// sent away; without an answer in time the trial is given up, and a machine that restarts first uses up a try.
/// </summary>
/// <param name="isConfirmed">Whether it was confirmed by hand.</param>
/// <param name="guardFile">Its existence sends the guard away.</param>
public sealed class OperatorHealth(TimeSpan within, Func<bool> isConfirmed, string guardFile, TimeProvider clock) : IHealthCheck
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public string Name => "operator";

    public HealthResult Run(TimeSpan limit)
    {
        DurableFile.Replace(guardFile, "");
        for (var begun = clock.GetTimestamp(); !isConfirmed();)
        {
            if (clock.GetElapsedTime(begun) > within) return new HealthResult.Unhealthy($"operator: nobody confirmed it within {within.TotalMinutes:0} minutes");
            using var pause = new ManualResetEventSlim();
            using var timer = clock.CreateTimer(_ => pause.Set(), null, Interval, Timeout.InfiniteTimeSpan);
            pause.Wait();
        }
        return new HealthResult.Healthy();
    }
}
