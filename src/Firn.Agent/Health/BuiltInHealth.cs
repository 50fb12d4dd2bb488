using System.Net.Sockets;
using Firn.Formats.Agents;
using Firn.Machine.Updates;

namespace Firn.Agent.Health;

/// <summary>A built-in check, asked again until it is content, its retries are used up, or the time is over.</summary>
/// <param name="line">As it is written.</param>
/// <param name="problem">Null if all is well, else what is not; may throw what <see cref="BuiltInHealth.Of"/> names.</param>
public sealed class BuiltInHealth(string line, Func<TimeSpan, string?> problem, int retries, TimeSpan interval, TimeProvider clock) : IHealthCheck
{
    private static readonly TimeSpan OnceLimit = TimeSpan.FromSeconds(30);

    public string Name => line;

    public static IEnumerable<IHealthCheck> Of(AgentSettings settings, TimeProvider clock) => settings.Checks.Select(check =>
        new BuiltInHealth(
            $"{check.Kind} {string.Join(' ', check.Arguments)}".TrimEnd(), limit => HealthQuestions.Problem(check, limit), settings.CheckRetries, settings.CheckInterval, clock));

    public HealthResult Run(TimeSpan limit)
    {
        var begun = clock.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            var left = limit - clock.GetElapsedTime(begun);
            if (Ask(left < OnceLimit ? left : OnceLimit) is not { } why) return new HealthResult.Healthy();
            if (attempt >= retries || limit - clock.GetElapsedTime(begun) <= interval)
                return new HealthResult.Unhealthy($"{line}: {why}{(attempt > 0 ? $" (asked {attempt + 1} times)" : "")}");
            using var pause = new ManualResetEventSlim();
            using var timer = clock.CreateTimer(_ => pause.Set(), null, interval, Timeout.InfiniteTimeSpan);
            pause.Wait();
        }
    }

    private string? Ask(TimeSpan limit)
    {
        try
        {
            return problem(limit);
        }
        catch (Exception error) when (error is IOException or SocketException or UnauthorizedAccessException or Linux.ErrnoException)
        {
            return error.Message;
        }
    }
}
