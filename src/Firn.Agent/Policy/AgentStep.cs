namespace Firn.Agent.Policy;

/// <summary>What the agent does next.</summary>
public abstract record AgentStep
{
    private AgentStep() { }

    public sealed record Check : AgentStep;

    /// <param name="IsDownloadOnly">The slot that is filled stays asleep.</param>
    public sealed record Install(string Version, bool IsDownloadOnly = false) : AgentStep;

    public sealed record Reboot(string Version) : AgentStep;

    /// <param name="Until">When things may have changed; sooner if a person wants something.</param>
    /// <param name="Why">In words.</param>
    public sealed record Wait(DateTimeOffset Until, string Why) : AgentStep;
}
