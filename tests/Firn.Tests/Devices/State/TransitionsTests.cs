using System.Collections.Immutable;
using Firn.Devices.Events;
using Firn.Devices.State;

namespace Firn.Tests.Devices.State;

public sealed class TransitionsTests
{
    private const string Plain = "udev: [ { match: { ID_BUS: usb }, service: gps } ]";
    private const string Settling = "udev: [ { match: { ID_BUS: usb }, service: gps, settle: 200ms, stopDelay: 2s } ]";
    private const string BySerial = "udev: [ { match: { ID_BUS: usb }, service: gps, instance: '@ID_SERIAL_SHORT' } ]";

    [Fact]
    public void A_device_starts_its_service_and_takes_it_along()
    {
        var world = new World(TestRules.Of(Plain));

        world.Happens(World.Adapter("add", "ttyUSB0"));
        world.CompletesAll();
        world.Happens(World.Adapter("remove", "ttyUSB0"));
        world.CompletesAll();

        Assert.Equal(["0 start gps@ttyUSB0", "0 stop gps@ttyUSB0"], world.Orders);
        Assert.Empty(world.State.Assignments);
        Assert.Empty(world.State.Devices);
    }

    [Fact]
    public void A_device_that_flaps_is_started_once_it_has_settled()
    {
        var world = new World(TestRules.Of(Settling));

        for (var i = 0; i < 5; i++)
        {
            world.Happens(World.Adapter("add", "ttyUSB0"));
            world.Passes(0.05);
            world.Happens(World.Adapter("remove", "ttyUSB0"));
            world.Passes(0.05);
        }
        world.Happens(World.Adapter("add", "ttyUSB0"));
        world.Passes(1);

        Assert.Equal(["0.7 start gps@ttyUSB0"], world.Orders);
    }

    [Fact]
    public void A_wiggled_cable_stops_nothing()
    {
        var world = new World(TestRules.Of(Settling));
        world.Happens(World.Adapter("add", "ttyUSB0"));
        world.Passes(1);
        world.CompletesAll();

        world.Happens(World.Adapter("remove", "ttyUSB0"));
        world.Passes(1.5);
        world.Happens(World.Adapter("add", "ttyUSB0"));
        world.Passes(10);
        world.Happens(World.Adapter("remove", "ttyUSB0"));
        world.Passes(10);

        Assert.Equal(["0.2 start gps@ttyUSB0", "14.5 stop gps@ttyUSB0"], world.Orders);
    }

    [Fact]
    public void The_same_event_by_two_ways_counts_once()
    {
        var world = new World(TestRules.Of(Plain));

        world.Happens(World.Adapter("add", "ttyUSB0", sequence: 5));
        world.CompletesAll();
        world.Happens(World.Adapter("remove", "ttyUSB0", sequence: 6));
        world.CompletesAll();
        world.Happens(World.Adapter("add", "ttyUSB0", sequence: 5));
        world.Happens(World.Adapter("remove", "ttyUSB0", sequence: 6));

        Assert.Equal(2, world.Orders.Count);
        world.Happens(World.Adapter("add", "ttyUSB0", sequence: 7));
        Assert.Equal("0 start gps@ttyUSB0", world.Orders[^1]);
    }

    [Fact]
    public void Two_devices_with_one_serial_number_are_both_served_and_keep_their_names()
    {
        var world = new World(TestRules.Of(BySerial));

        world.Happens(World.Adapter("add", "ttyUSB0", port: "p1"));
        world.Happens(World.Adapter("add", "ttyUSB1", port: "p2"));
        world.CompletesAll();
        world.Happens(World.Adapter("remove", "ttyUSB0", port: "p1"));
        world.CompletesAll();
        world.Happens(World.Adapter("change", "ttyUSB1", port: "p2"));
        world.Happens(World.Adapter("add", "ttyUSB0", port: "p1"));
        world.CompletesAll();

        Assert.Equal(["0 start gps@VE1234XX", "0 start gps@VE1234XX-p2", "0 stop gps@VE1234XX", "0 start gps@VE1234XX"], world.Orders);
    }

    [Fact]
    public void A_serial_number_that_is_none_names_no_unit()
    {
        var world = new World(TestRules.Of(BySerial));

        world.Happens(World.Adapter("add", "ttyUSB0", serial: "0123456789"));

        Assert.Equal(["0 start gps@p1"], world.Orders);
    }

    [Fact]
    public void A_device_keeps_its_unit_at_another_port()
    {
        var world = new World(TestRules.Of(BySerial.Replace("service: gps", "service: gps, stopDelay: 5s")));
        world.Happens(World.Adapter("add", "ttyUSB0", port: "p1"));
        world.CompletesAll();

        world.Happens(World.Adapter("remove", "ttyUSB0", port: "p1"));
        world.Passes(1);
        world.Happens(World.Adapter("add", "ttyUSB1", port: "p2"));
        world.CompletesAll();
        world.Passes(60);

        Assert.Equal(["0 start gps@VE1234XX", "1 restart gps@VE1234XX"], world.Orders);
        Assert.Contains("DEVNAME=/dev/ttyUSB1\n", world.State.Assignments["gps@VE1234XX"].Started.Environment);
    }

    [Fact]
    public void What_could_not_be_started_is_tried_again_later_and_later_while_the_device_is_there()
    {
        var world = new World(TestRules.Of(Plain));
        world.Happens(World.Adapter("add", "ttyUSB0"));

        for (var i = 0; i < 9; i++)
        {
            world.Completes("gps@ttyUSB0", "no such unit");
            world.Passes((world.State.NextDue!.Value - world.Now).TotalSeconds);
        }
        Assert.Equal([0, 1, 3, 7, 15, 31, 63, 123, 183, 243], world.Orders.Select(order => double.Parse(order.Split(' ')[0])));

        world.Completes("gps@ttyUSB0");
        Assert.Equal((AssignmentPhase.Running, 0, ""), (world.Phase("gps@ttyUSB0"), world.State.Assignments["gps@ttyUSB0"].Failures, world.State.Assignments["gps@ttyUSB0"].Problem));
    }

    [Fact]
    public void A_device_that_goes_while_its_service_starts_takes_it_along_afterwards()
    {
        var world = new World(TestRules.Of(Plain));
        world.Happens(World.Adapter("add", "ttyUSB0"));

        world.Happens(World.Adapter("remove", "ttyUSB0"));
        Assert.Single(world.Orders);
        world.Completes("gps@ttyUSB0");
        world.Happens(World.Adapter("add", "ttyUSB0"));
        world.Completes("gps@ttyUSB0");
        world.Completes("gps@ttyUSB0");

        Assert.Equal(["0 start gps@ttyUSB0", "0 stop gps@ttyUSB0", "0 start gps@ttyUSB0"], world.Orders);
        Assert.Equal(AssignmentPhase.Running, world.Phase("gps@ttyUSB0"));
    }

    [Fact]
    public void What_could_not_be_stopped_is_tried_again()
    {
        var world = new World(TestRules.Of(Plain));
        world.Happens(World.Adapter("add", "ttyUSB0"));
        world.CompletesAll();

        world.Happens(World.Adapter("remove", "ttyUSB0"));
        world.Completes("gps@ttyUSB0", "busy");
        world.Passes(1);
        world.Completes("gps@ttyUSB0");

        Assert.Equal(["0 start gps@ttyUSB0", "0 stop gps@ttyUSB0", "1 stop gps@ttyUSB0"], world.Orders);
        Assert.Empty(world.State.Assignments);
    }

    [Fact]
    public void After_a_restart_what_is_gone_is_stopped_and_what_is_there_is_made_sure_of()
    {
        var before = new World(TestRules.Of(Plain));
        before.Happens(World.Adapter("add", "ttyUSB0", port: "p1"));
        before.Happens(World.Adapter("add", "ttyUSB1", port: "p2"));
        before.CompletesAll();

        var after = new World(before.Rules) { State = HandlerState.Empty with { Assignments = Recovered(before) } };
        after.Looks(World.Adapter("add", "ttyUSB1", port: "p2"), World.Adapter("add", "ttyUSB2", port: "p3"));
        after.CompletesAll();

        Assert.Equal(["0 start gps@ttyUSB1", "0 start gps@ttyUSB2", "0 stop gps@ttyUSB0"], after.Orders);
    }

    [Fact]
    public void After_a_restart_twins_keep_their_names_whichever_is_found_first()
    {
        var before = new World(TestRules.Of(BySerial));
        before.Happens(World.Adapter("add", "ttyUSB1", port: "p2"));
        before.Happens(World.Adapter("add", "ttyUSB0", port: "p1"));
        before.CompletesAll();
        Assert.Equal(["0 start gps@VE1234XX", "0 start gps@VE1234XX-p1"], before.Orders);

        var after = new World(before.Rules) { State = HandlerState.Empty with { Assignments = Recovered(before) } };
        after.Looks(World.Adapter("add", "ttyUSB0", port: "p1"), World.Adapter("add", "ttyUSB1", port: "p2"));

        Assert.Equal(["start gps@VE1234XX", "start gps@VE1234XX-p1"], after.Orders.Select(order => order[2..]).Order());
        Assert.EndsWith("p1/ttyUSB0", after.State.Assignments["gps@VE1234XX-p1"].Started.DevPath);
    }

    [Fact]
    public void Other_rules_restart_only_what_comes_out_differently()
    {
        var world = new World(TestRules.Of("""
            udev:
              - { match: { SYSNAME: ttyUSB0 }, service: a }
              - { match: { SYSNAME: ttyUSB1 }, service: b, data: { baud: 9600 } }
              - { match: { SYSNAME: ttyUSB2 }, service: c }
            """));
        foreach (var i in (int[])[0, 1, 2, 3]) world.Happens(World.Adapter("add", $"ttyUSB{i}", port: $"p{i}"));
        world.CompletesAll();
        world.Orders.Clear();

        world.Reloads(TestRules.Of("""
            udev:
              - { match: { SYSNAME: ttyUSB0 }, service: a }
              - { match: { SYSNAME: ttyUSB1 }, service: b, data: { baud: 19200 } }
              - { match: { SYSNAME: ttyUSB3 }, service: d }
            """));
        world.CompletesAll();

        Assert.Equal(["0 restart b@ttyUSB1", "0 start d@ttyUSB3", "0 stop c@ttyUSB2"], world.Orders.Order());
    }

    [Fact]
    public void A_device_is_given_to_another_service_when_the_one_before_has_ended()
    {
        var world = new World(TestRules.Of(Plain));
        world.Happens(World.Adapter("add", "ttyUSB0", port: "p1"));
        world.CompletesAll();

        world.Reloads(TestRules.Of(Plain.Replace("gps", "modem")));
        Assert.Equal(["0 start gps@ttyUSB0", "0 stop gps@ttyUSB0"], world.Orders);
        world.Completes("gps@ttyUSB0", "failed");
        Assert.Empty(world.Open);
        world.Passes(1);
        world.CompletesAll();

        Assert.Equal(["stop gps@ttyUSB0", "start modem@ttyUSB0"], world.Orders.Skip(2).Select(order => order[2..]));
        Assert.Equal(AssignmentPhase.Running, world.Phase("modem@ttyUSB0"));
    }

    [Fact]
    public void Lost_events_are_made_up_for_by_looking()
    {
        var world = new World(TestRules.Of(Plain));
        world.Happens(World.Adapter("add", "ttyUSB0", port: "p1"));
        world.Happens(new("add", EventLine.Nowhere + "x", DeviceMessage.Sorted([new("ID_BUS", "usb"), new("SUBSYSTEM", "tty"), new("SYSNAME", "x")])));
        world.CompletesAll();

        world.Looks(World.Adapter("add", "ttyUSB1", port: "p2"));
        world.CompletesAll();

        Assert.Equal(["0 start gps@ttyUSB0", "0 start gps@x", "0 stop gps@ttyUSB0", "0 start gps@ttyUSB1"], world.Orders);
    }

    [Fact]
    public void The_words_of_a_device_make_no_unit_beside_its_own()
    {
        var world = new World(TestRules.Of("udev: [ { match: { ID_BUS: usb }, service: gps, instance: '@ID_MODEL', symlink: '@ID_MODEL', data: { model: '@ID_MODEL' } } ]"));
        var adapter = World.Adapter("add", "ttyUSB0");

        world.Happens(adapter with { Properties = adapter.Properties.SetItem("ID_MODEL", "../../x\nPATH=/evil y@z") });

        var target = Assert.Single(world.Open).Target;
        Assert.Equal("gps@.._.._x_PATH__evil_y_z", target.Unit);
        Assert.Equal("_/_/x_PATH_/evil_y_z", target.Symlink);
        Assert.DoesNotContain(target.Environment.Split('\n'), line => line.StartsWith("PATH="));
    }

    [Fact]
    public void Whatever_happens_in_whatever_order_the_end_is_right()
    {
        var rules = TestRules.Of("udev: [ { match: { ID_BUS: usb }, service: gps, instance: '@ID_SERIAL_SHORT', settle: 200ms, stopDelay: 1s } ]");
        var others = TestRules.Of("udev: [ { match: { ID_BUS: usb }, service: modem, instance: '@ID_SERIAL_SHORT', settle: 200ms, stopDelay: 1s } ]");
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var world = new World(rules);
            for (var i = 0; i < 80; i++)
                switch (random.Next(7))
                {
                    case 0 or 1: world.Happens(World.Adapter("add", $"ttyUSB{random.Next(4)}", $"SER{random.Next(2)}9", $"p{random.Next(3)}")); break;
                    case 2: world.Happens(World.Adapter("remove", $"ttyUSB{random.Next(4)}", port: $"p{random.Next(3)}")); break;
                    case 3: world.Passes(random.NextDouble()); break;
                    case 4 when world.Open.Count > 0:
                        world.Completes(world.Open[random.Next(world.Open.Count)].Target.Unit, random.Next(3) == 0 ? "failed" : null);
                        break;
                    case 6 when random.Next(4) == 0: world.Reloads(random.Next(2) == 0 ? rules : others); break;
                    case 5 when random.Next(10) == 0: world.Looks([.. world.State.Devices.Values.Where(_ => random.Next(4) > 0).Select(device => new DeviceEvent("add", device.DevPath, device.Properties))]); break;
                }
            for (var i = 0; i < 200; i++)
            {
                world.Passes(1);
                world.CompletesAll();
            }

            var wanted = world.State.Devices.Values.Select(device => device.Target!.Unit).ToList();
            Assert.Equal(wanted.Count, wanted.Distinct().Count());
            Assert.Equal(wanted.Order(), world.State.Assignments.Keys.Order());
            Assert.All(world.State.Assignments.Values, assignment => Assert.Equal(AssignmentPhase.Running, assignment.Phase));
            foreach (var device in world.State.Devices.Values)
                Assert.Equal(device.Target!.Environment, world.State.Assignments[device.Target.Unit].Started.Environment);
        }
    }

    private static ImmutableSortedDictionary<string, Assignment> Recovered(World before) =>
        before.State.Assignments.SetItems(before.State.Assignments.Select(pair =>
            KeyValuePair.Create(pair.Key, pair.Value with { Phase = AssignmentPhase.Recovered })));
}

internal static class WorldState
{
    public static AssignmentPhase Phase(this World world, string unit) => world.State.Assignments[unit].Phase;
}
