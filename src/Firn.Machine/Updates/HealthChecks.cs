namespace Firn.Machine.Updates;

public static class HealthChecks
{
    /// <summary>Asks one after the other.</summary>
    /// <param name="limit">For all of them together.</param>
    /// <returns>Why the system is not healthy; null if it is.</returns>
    public static string? FirstProblem(IReadOnlyList<IHealthCheck> checks, TimeSpan limit, TimeProvider clock, Action<string> log)
    {
        var begun = clock.GetTimestamp();
        foreach (var check in checks)
        {
            var left = limit - clock.GetElapsedTime(begun);
            if (left <= TimeSpan.Zero) return $"{check.Name}: the deadline passed before it could be checked";
            var result = check.Run(left);
            if (result is HealthResult.Unhealthy { Reason: var reason }) return reason;
            log(result is HealthResult.NotApplicable { Reason: var why } ? $"{check.Name}: skipped, {why}" : $"{check.Name}: healthy");
        }
        return null;
    }
}
