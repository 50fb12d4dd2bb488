using static Firn.Devices.State.AssignmentPhase;

namespace Firn.Devices.State;

/// <summary>
/// How a unit follows what is wanted. Only the present counts, never how it came about: events may be lost, doubled or late.
/// <code>
///            wanted                       started            gone                    over, or at once
///  (nothing) ──────► Settling ──────► Starting ──────► Running ─────► Lingering ─────► Stopping ──► (nothing)
///                                      ▲   │ no                          │ back
///                                      │   ▼                             └────► Running
///                                      └ Failed: again after 1, 2, 4 … 60 s
/// </code>
/// </summary>
internal static class AssignmentSteps
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(60);

    /// <param name="now">How far the unit is; null: nothing was done for it.</param>
    /// <param name="wanted">What should run; null: nothing.</param>
    public static (Assignment? Next, ServiceOrder? Order) Advance(Assignment? now, ServiceTarget? wanted, DateTimeOffset time)
    {
        var isDue = now?.Due is not { } due || due <= time;
        return (now?.Phase, wanted) switch
        {
            (null, null) => (null, null),
            (null, { Settle.Ticks: > 0 }) => (new(wanted, Settling, time + wanted.Settle), null),
            (null, _) => Begin(ServiceVerb.Start, wanted, now),
            (Settling, null) => (null, null),
            (Settling, _) => isDue ? Begin(ServiceVerb.Start, wanted, now) : (now! with { Started = wanted }, null),
            (Starting or Stopping, _) => (now, null),    // its result comes
            (Running, null) => now!.Started.StopDelay > TimeSpan.Zero
                ? (now with { Phase = Lingering, Due = time + now.Started.StopDelay }, null)
                : Begin(ServiceVerb.Stop, now.Started, now),
            (Running or Lingering, not null) => now!.Started.Environment == wanted.Environment
                ? (new(wanted, Running), null)
                : Begin(ServiceVerb.Restart, wanted, now),
            (Lingering or StopFailed, null) => isDue ? Begin(ServiceVerb.Stop, now!.Started, now) : (now, null),
            (Failed or Recovered, null) => Begin(ServiceVerb.Stop, now!.Started, now),
            (Failed, _) => isDue ? Begin(ServiceVerb.Start, wanted, now) : (now! with { Started = wanted }, null),
            (Recovered or StopFailed, not null) => Begin(
                now!.Started.Environment == wanted.Environment ? ServiceVerb.Start : ServiceVerb.Restart, wanted, now),
            _ => throw new InvalidOperationException($"{now?.Phase} is no phase"),
        };
    }

    /// <summary>After an order was carried out, or could not be.</summary>
    /// <returns>Null: nothing is left of it.</returns>
    public static Assignment? Completed(Assignment now, ServiceResult result, DateTimeOffset time) => (now.Phase, result.Problem) switch
    {
        (Starting, null) => new(now.Started, Running),
        (Stopping, null) => null,
        (Starting, { } problem) => Retry(Failed, problem, now, time),
        (Stopping, { } problem) => Retry(StopFailed, problem, now, time),
        _ => now,
    };

    private static (Assignment, ServiceOrder) Begin(ServiceVerb verb, ServiceTarget target, Assignment? now) =>
        (new(target, verb == ServiceVerb.Stop ? Stopping : Starting, null, now?.Failures ?? 0, now?.Problem ?? ""), new(verb, target));

    private static Assignment Retry(AssignmentPhase phase, string problem, Assignment now, DateTimeOffset time)
    {
        var delay = TimeSpan.FromSeconds(Math.Min(LongestDelay.TotalSeconds, Math.Pow(2, Math.Min(now.Failures, 10))));
        return now with { Phase = phase, Due = time + delay, Failures = now.Failures + 1, Problem = problem };
    }
}
