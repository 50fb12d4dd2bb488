namespace Firn.Machine.Updates;

/// <summary>What a health check found.</summary>
public abstract record HealthResult
{
    private HealthResult() { }
    public sealed record Healthy : HealthResult;
    public sealed record Unhealthy(string Reason) : HealthResult;

    /// <summary>There is nothing to check here.</summary>
    public sealed record NotApplicable(string Reason) : HealthResult;
}

/// <summary>A question to a system that has just booted: does it work?</summary>
public interface IHealthCheck
{
    string Name { get; }

    /// <summary>Answers within <paramref name="limit"/>, or is <see cref="HealthResult.Unhealthy"/>.</summary>
    HealthResult Run(TimeSpan limit);
}
