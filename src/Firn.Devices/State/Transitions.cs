using System.Collections.Immutable;
using Firn.Devices.Events;
using Firn.Devices.Matching;

namespace Firn.Devices.State;

/// <summary>What happens to a state: pure, so that a recording gives the same result every time.</summary>
public static class Transitions
{
    private const int MostGone = 256;

    /// <summary>Something happened to a device.</summary>
    /// <param name="change">With all that is known of the device.</param>
    public static Step Apply(HandlerState state, RuleSet rules, DeviceEvent change, DateTimeOffset time)
    {
        var known = state.Devices.GetValueOrDefault(change.DevPath);
        if (change.Sequence > 0 && change.Sequence <= Math.Max(known?.Sequence ?? 0, state.Gone.GetValueOrDefault(change.DevPath))) return new(state, []);
        if (change.Action == "move" && change.Properties.TryGetValue("DEVPATH_OLD", out var old) && state.Devices.ContainsKey(old))
        {
            var (without, removal) = Remove(state, old, change.Sequence, time);
            var (with, addition) = Put(without, rules, null, change, time);
            return new(with, [.. removal, .. addition]);
        }
        return change.IsRemoval ? Remove(state, change.DevPath, change.Sequence, time) : Put(state, rules, known, change, time);
    }

    /// <summary>All devices were looked at: what is not among them is gone. Those that only a sender knew stay.</summary>
    public static Step Reconcile(HandlerState state, RuleSet rules, IReadOnlyList<DeviceEvent> present, DateTimeOffset time)
    {
        var orders = ImmutableArray.CreateBuilder<ServiceOrder>();
        var there = present.Select(device => device.DevPath).ToHashSet(StringComparer.Ordinal);
        foreach (var path in state.Devices.Keys)
            if (!there.Contains(path) && !path.StartsWith(EventLine.Nowhere, StringComparison.Ordinal)) Take(Remove(state, path, 0, time));
        // those first for whom something runs: they keep their names
        var owners = state.Assignments.Values.Select(assignment => assignment.Started.DevPath).ToHashSet(StringComparer.Ordinal);
        foreach (var device in present.OrderBy(device => owners.Contains(device.DevPath) ? 0 : 1))
            Take(Put(state, rules, state.Devices.GetValueOrDefault(device.DevPath), device, time));
        Take(Advance(state, state.Assignments.Keys, time));    // what an earlier daemon left, too
        return new(state, orders.ToImmutable());

        void Take(Step step)
        {
            state = step.State;
            orders.AddRange(step.Orders);
        }
    }

    /// <summary>Rules have changed: every device is judged again, and only what comes out differently is started anew.</summary>
    public static Step Reload(HandlerState state, RuleSet rules, DateTimeOffset time)
    {
        var units = state.Assignments.Keys.ToHashSet(StringComparer.Ordinal);
        foreach (var device in state.Devices.Values)
        {
            state = state with { Devices = state.Devices.SetItem(device.DevPath, device with { Target = TargetOf(state, rules, device) }) };
            if (state.Devices[device.DevPath].Target is { } target) units.Add(target.Unit);
        }
        return Advance(state, units.Order(StringComparer.Ordinal), time);
    }

    /// <summary>Time has passed.</summary>
    public static Step Tick(HandlerState state, DateTimeOffset time) =>
        Advance(state, state.Assignments.Values.Where(assignment => assignment.Due <= time).Select(assignment => assignment.Unit).ToArray(), time);

    /// <summary>A service manager has done what it was told, or could not.</summary>
    public static Step Complete(HandlerState state, ServiceOrder order, ServiceResult result, DateTimeOffset time)
    {
        if (!state.Assignments.TryGetValue(order.Target.Unit, out var assignment)) return new(state, []);
        var next = AssignmentSteps.Completed(assignment, result, time);
        return Advance(With(state, order.Target.Unit, next), [order.Target.Unit, .. Released(state, assignment, next)], time);
    }

    private static Step Put(HandlerState state, RuleSet rules, KnownDevice? known, DeviceEvent change, DateTimeOffset time)
    {
        // an event tells all; but of a device that only its sender knows, each tells what has changed
        var properties = known is not null && change.Action != "add" && change.DevPath.StartsWith(EventLine.Nowhere, StringComparison.Ordinal)
            ? known.Properties.SetItems(change.Properties)
            : change.Properties;
        var device = new KnownDevice(change.DevPath, properties, Math.Max(known?.Sequence ?? 0, change.Sequence), known?.Target);
        device = device with { Target = TargetOf(state, rules, device) };
        var next = state with { Devices = state.Devices.SetItem(change.DevPath, device), Gone = state.Gone.Remove(change.DevPath) };
        return Advance(next, Units(known?.Target, device.Target), time);
    }

    private static Step Remove(HandlerState state, string devPath, ulong sequence, DateTimeOffset time)
    {
        if (sequence > 0)
        {
            var gone = state.Gone.SetItem(devPath, sequence);
            if (gone.Count > MostGone) gone = gone.RemoveRange(gone.OrderBy(pair => pair.Value).Take(MostGone / 2).Select(pair => pair.Key));
            state = state with { Gone = gone };
        }
        if (!state.Devices.TryGetValue(devPath, out var device)) return new(state, []);
        return Advance(state with { Devices = state.Devices.Remove(devPath) }, Units(device.Target, null), time);
    }

    private static ServiceTarget? TargetOf(HandlerState state, RuleSet rules, KnownDevice device)
    {
        if (rules.Decide(device.Properties) is not Decision.Serve serve) return null;
        return ServiceTarget.For(serve.Rule, serve.Service, device.DevPath, device.Properties, IsFree);

        bool IsFree(string unit)
        {
            foreach (var other in state.Devices.Values)
                if (other.Target?.Unit == unit && other.DevPath != device.DevPath) return false;
            // who was told apart before stays so, while what he has runs
            foreach (var assignment in state.Assignments.Values)
                if (assignment.Started.DevPath == device.DevPath && assignment.Unit.StartsWith($"{unit}-", StringComparison.Ordinal)) return false;
            return true;
        }
    }

    private static Step Advance(HandlerState state, IEnumerable<string> units, DateTimeOffset time)
    {
        var orders = ImmutableArray.CreateBuilder<ServiceOrder>();
        var queue = new Queue<string>(units);
        while (queue.TryDequeue(out var unit))
        {
            var wanted = state.Devices.Values.Select(device => device.Target).FirstOrDefault(target => target?.Unit == unit);
            var before = state.Assignments.GetValueOrDefault(unit);
            // a device has one service at a time: the next one begins when this one has ended
            if (before is null && wanted is not null && state.Assignments.Values.Any(other => other.Started.DevPath == wanted.DevPath)) continue;
            var (next, order) = AssignmentSteps.Advance(before, wanted, time);
            state = With(state, unit, next);
            if (order is not null) orders.Add(order);
            foreach (var waiting in Released(state, before, next)) queue.Enqueue(waiting);
        }
        return new(state, orders.ToImmutable());
    }

    /// <summary>The unit that a device waits for to have, if the one that had the device has let go of it.</summary>
    private static IEnumerable<string> Released(HandlerState state, Assignment? before, Assignment? next)
    {
        if (before is null || next?.Started.DevPath == before.Started.DevPath) yield break;
        if (state.Devices.GetValueOrDefault(before.Started.DevPath)?.Target is { } target && target.Unit != before.Unit) yield return target.Unit;
    }

    private static HandlerState With(HandlerState state, string unit, Assignment? assignment) => state with
    {
        Assignments = assignment is null ? state.Assignments.Remove(unit) : state.Assignments.SetItem(unit, assignment),
    };

    private static IEnumerable<string> Units(ServiceTarget? before, ServiceTarget? after)
    {
        if (before is not null) yield return before.Unit;
        if (after is not null && after.Unit != before?.Unit) yield return after.Unit;
    }
}
