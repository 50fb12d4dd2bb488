namespace Firn.Supervision.States;

/// <summary>The state of a unit. A value: <see cref="Transitions"/> makes the next one, the engine does the rest.</summary>
/// <param name="WantsRestart">It is being stopped to be started again.</param>
/// <param name="HasFailed">It is stopped because it failed, until it is started or reset.</param>
/// <param name="Failures">In a row: since it last ran for long enough.</param>
public readonly record struct UnitStatus(
    UnitPhase Phase, UnitGoal Goal = UnitGoal.Down, bool WantsRestart = false, bool HasFailed = false, int Failures = 0,
    UnitReason Reason = UnitReason.None)
{
    // as the compiler would have it, but without comparers that would have to be compiled when the manager starts
    public bool Equals(UnitStatus other) =>
        Phase == other.Phase && Goal == other.Goal && WantsRestart == other.WantsRestart && HasFailed == other.HasFailed
        && Failures == other.Failures && Reason == other.Reason;

    public override int GetHashCode() => (int)Phase | ((int)Goal << 4) | ((int)Reason << 8) | (Failures << 16);

    /// <summary>It neither moves nor waits.</summary>
    public bool IsSettled => Phase is UnitPhase.Stopped or UnitPhase.Running or UnitPhase.Fatal;

    /// <summary>A process of it may live.</summary>
    public bool IsActive => Phase is not (UnitPhase.Stopped or UnitPhase.ScheduledStart);
}
