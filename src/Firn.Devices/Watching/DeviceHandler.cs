using System.Collections.Immutable;
using Firn.Devices.Events;
using Firn.Devices.Matching;
using Firn.Devices.Sources;
using Firn.Devices.State;

namespace Firn.Devices.Watching;

/// <summary>
/// The one writer of a <see cref="HandlerState"/>. Called from one thread; what it wants done it hands over, and hears of the
/// result by <see cref="Completed"/>.
/// </summary>
/// <param name="tree">What is known of devices.</param>
/// <param name="store">Where it is written down; null: nowhere.</param>
/// <param name="dispatch">Has an order carried out, later or at once.</param>
/// <param name="clock">Says when; nothing here waits.</param>
/// <param name="log">Hears what a person may want to know.</param>
public sealed class DeviceHandler(
    RuleSet rules, DeviceTree tree, AssignmentStore? store, Action<ServiceOrder> dispatch, TimeProvider clock, Action<string> log)
{
    private RuleSet _rules = rules;
    private ulong _looked;

    public HandlerState State { get; private set; } = HandlerState.Empty;

    /// <summary>When something is due that no event announces; null: never.</summary>
    public DateTimeOffset? NextDue => State.NextDue;

    private DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Takes over what an earlier daemon started. Before the first <see cref="LookAround"/>, which puts it right.</summary>
    public void Recover(IEnumerable<Assignment> saved)
    {
        foreach (var assignment in saved)
            if (assignment.Phase == AssignmentPhase.Settling) store?.Remove(assignment.Unit);    // was never started
            else
                State = State with
                {
                    Assignments = State.Assignments.SetItem(assignment.Unit, assignment with { Phase = AssignmentPhase.Recovered, Due = null }),
                };
    }

    /// <summary>Looks at all devices: after subscribing to events, and whenever some were lost.</summary>
    public void LookAround()
    {
        _looked = tree.LastSequence;    // first, so that what happens meanwhile counts as later
        var present = tree.List().Select(device => tree.Describe(device, _rules.Attributes)).ToList();
        Take(Transitions.Reconcile(State, _rules, present, Now));
    }

    /// <param name="isFinished">Events of udev come after its rules, maybe long after the device itself.</param>
    public void Handle(DeviceEvent change, bool isFinished = false)
    {
        if (change.Sequence > 0 && change.Sequence <= _looked)
        {
            // happened before the last look around: nothing new, but for what udev has found out since then
            if (!isFinished || change.IsRemoval || !State.Devices.ContainsKey(change.DevPath)) return;
        }
        Take(Transitions.Apply(State, _rules, tree.Describe(change, _rules.Attributes), Now));
    }

    public void Tick() => Take(Transitions.Tick(State, Now));

    public void Completed(ServiceOrder order, ServiceResult result)
    {
        if (result.Problem is { } problem) log($"{order}: {problem}");
        Take(Transitions.Complete(State, order, result, Now));
    }

    /// <summary>Goes on with other rules. Attributes that they ask for anew are read now.</summary>
    public void Reload(RuleSet rules)
    {
        var added = rules.Attributes.Except(_rules.Attributes);
        _rules = rules;
        if (added.Count > 0)
            State = State with
            {
                Devices = State.Devices.SetItems(State.Devices.Values.Select(device => KeyValuePair.Create(
                    device.DevPath, device with { Properties = tree.Describe(new("change", device.DevPath, device.Properties), added).Properties }))),
            };
        Take(Transitions.Reload(State, _rules, Now));
    }

    /// <summary>The path of a device with that name or node.</summary>
    public string? Find(string name) =>
        State.Devices.Values.FirstOrDefault(device => device.Properties.GetValueOrDefault("DEVNAME") == $"/dev/{name}")?.DevPath
        ?? tree.Find(name)?.DevPath;

    private void Take(Step step)
    {
        var before = State.Assignments;
        State = step.State;
        if (!ReferenceEquals(before, State.Assignments)) Save(before, State.Assignments);
        foreach (var order in step.Orders)
        {
            log($"{order} for {order.Target.Node ?? order.Target.DevPath} ({order.Target.Rule})");
            dispatch(order);
        }
    }

    private void Save(ImmutableSortedDictionary<string, Assignment> before, ImmutableSortedDictionary<string, Assignment> after)
    {
        if (store is null) return;
        try
        {
            foreach (var (unit, assignment) in after)
                if (before.GetValueOrDefault(unit) != assignment) store.Save(assignment);
            foreach (var unit in before.Keys)
                if (!after.ContainsKey(unit)) store.Remove(unit);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log($"cannot write down what runs: {error.Message}");    // devices are served all the same
        }
    }
}
