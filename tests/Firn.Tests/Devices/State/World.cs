using Firn.Devices.Events;
using Firn.Devices.Matching;
using Firn.Devices.State;

namespace Firn.Tests.Devices.State;

/// <summary>A state with its time and the orders it gave, oldest first.</summary>
internal sealed class World(RuleSet rules)
{
    private readonly List<ServiceOrder> _open = [];

    public RuleSet Rules { get; set; } = rules;
    public HandlerState State { get; set; } = HandlerState.Empty;
    public DateTimeOffset Now { get; private set; } = DateTimeOffset.UnixEpoch;
    public List<string> Orders { get; } = [];

    /// <summary>Given, and not carried out yet.</summary>
    public IReadOnlyList<ServiceOrder> Open => _open;

    public static DeviceEvent Adapter(string action, string name, string serial = "VE1234XX", string port = "p1", ulong sequence = 0) => new(
        action, $"/devices/{port}/{name}", DeviceMessage.Sorted(
        [
            new("SYSNAME", name), new("DEVNAME", $"/dev/{name}"), new("SUBSYSTEM", "tty"), new("ID_BUS", "usb"),
            new("ID_SERIAL_SHORT", serial), new("ID_PATH_TAG", port), new("SEQNUM", $"{sequence}"),
        ]));

    public void Happens(DeviceEvent change) => Take(Transitions.Apply(State, Rules, change, Now));

    public void Looks(params DeviceEvent[] present) => Take(Transitions.Reconcile(State, Rules, present, Now));

    public void Reloads(RuleSet rules) => Take(Transitions.Reload(State, Rules = rules, Now));

    /// <summary>Lets time pass, with everything in it that becomes due.</summary>
    public void Passes(double seconds)
    {
        var end = Now.AddSeconds(seconds);
        while (State.NextDue is { } due && due <= end)
        {
            Now = due > Now ? due : Now;
            Take(Transitions.Tick(State, Now));
        }
        Now = end;
    }

    /// <summary>Carries out the oldest open order of a unit.</summary>
    public void Completes(string unit, string? problem = null)
    {
        var order = _open.First(open => open.Target.Unit == unit);
        _open.Remove(order);
        Take(Transitions.Complete(State, order, new(problem), Now));
    }

    public void CompletesAll()
    {
        while (_open.Count > 0) Completes(_open[0].Target.Unit);
    }

    private void Take(Step step)
    {
        State = step.State;
        foreach (var order in step.Orders)
        {
            Assert.DoesNotContain(_open, open => open.Target.Unit == order.Target.Unit);    // one at a time for each unit
            _open.Add(order);
            Orders.Add($"{(Now - DateTimeOffset.UnixEpoch).TotalSeconds:0.###} {order}");
        }
    }
}
