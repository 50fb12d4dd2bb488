using Firn.Devices.Matching;
using Firn.Devices.State;

namespace Firn.Devices.Recording;

/// <summary>What a daemon would have done, and when.</summary>
public sealed record ReplayedOrder(TimeSpan After, ServiceOrder Order);

/// <summary>Plays a recording to rules without waiting and without a service manager: every order is carried out at once.</summary>
public static class Replay
{
    public static IEnumerable<ReplayedOrder> Run(IReadOnlyList<RecordedEvent> events, RuleSet rules)
    {
        var state = HandlerState.Empty;
        foreach (var recorded in events)
        {
            foreach (var order in Until(recorded.After)) yield return order;
            foreach (var order in Take(Transitions.Apply(state, rules, recorded.Event, At(recorded.After)), recorded.After)) yield return order;
        }
        foreach (var order in Until(TimeSpan.MaxValue)) yield return order;

        IEnumerable<ReplayedOrder> Until(TimeSpan end)
        {
            while (state.NextDue is { } due && due - DateTimeOffset.UnixEpoch <= end)
                foreach (var order in Take(Transitions.Tick(state, due), due - DateTimeOffset.UnixEpoch)) yield return order;
        }

        IEnumerable<ReplayedOrder> Take(Step step, TimeSpan after)
        {
            state = step.State;
            foreach (var order in step.Orders)
            {
                yield return new(after, order);
                foreach (var next in Take(Transitions.Complete(state, order, ServiceResult.Done, At(after)), after)) yield return next;
            }
        }

        static DateTimeOffset At(TimeSpan after) => DateTimeOffset.UnixEpoch + after;
    }
}
