namespace Firn.Devices.State;

public enum AssignmentPhase
{
    /// <summary>The device is there, and its time to settle runs.</summary>
    Settling,
    Starting,
    Running,

    /// <summary>It could not be started; another attempt is due.</summary>
    Failed,

    /// <summary>The device is gone, and it may come back for a while.</summary>
    Lingering,
    Stopping,

    /// <summary>It could not be stopped; another attempt is due.</summary>
    StopFailed,

    /// <summary>An earlier daemon started it: whether it runs is not known.</summary>
    Recovered,
}

/// <summary>A unit and how far it is.</summary>
/// <param name="Started">With what it was last started.</param>
/// <param name="Due">When something is to be done that no event announces.</param>
/// <param name="Failures">In a row.</param>
/// <param name="Problem">Why it failed last; empty when it did not.</param>
public sealed record Assignment(ServiceTarget Started, AssignmentPhase Phase, DateTimeOffset? Due = null, int Failures = 0, string Problem = "")
{
    public string Unit => Started.Unit;
}
