using Firn.Supervision.States;

namespace Firn.Supervision.Engine;

/// <summary>When a verb is complete, and whether it did what it should.</summary>
internal static class VerbOutcome
{
    /// <param name="isNewJob">Whether the unit has another job than when the verb came.</param>
    public static WaitProgress Of(string verb, UnitStatus status, bool isNewJob) => verb switch
    {
        "stop" => status.Phase switch
        {
            UnitPhase.Stopped => WaitProgress.Done,
            UnitPhase.Fatal => WaitProgress.Failed,
            _ => WaitProgress.Moving,
        },
        "restart" when !isNewJob => status.Phase is UnitPhase.Fatal or UnitPhase.Fail ? WaitProgress.Failed : WaitProgress.Moving,
        "reload" => status.Phase switch
        {
            UnitPhase.Running => status.Reason == UnitReason.Reload ? WaitProgress.Failed : WaitProgress.Done,
            UnitPhase.Reloading => WaitProgress.Moving,
            _ => WaitProgress.Failed,
        },
        _ => status.Phase switch
        {
            UnitPhase.Running or UnitPhase.Reloading => WaitProgress.Done,
            UnitPhase.Stopped => status.HasFailed || status.Goal == UnitGoal.Down ? WaitProgress.Failed : WaitProgress.Done,
            UnitPhase.StartingFail or UnitPhase.Fail or UnitPhase.Fatal => WaitProgress.Failed,
            _ => WaitProgress.Moving,
        },
    };
}
