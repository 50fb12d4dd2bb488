using Firn.Devices.Sources;
using Firn.Devices.Watching;

namespace Firn.Tests.Devices.Watching;

public sealed class DeviceHandlerTests : IDisposable
{
    private readonly SysTree _sys = new();
    private readonly List<string> _orders = [];

    public void Dispose() => _sys.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Events_from_before_the_look_around_change_nothing(bool isUdev)
    {
        var path = _sys.PlugAdapter(port: 1, number: 0, serial: "VE1234XX");
        Directory.CreateDirectory($"{_sys.Root}/kernel");
        File.WriteAllText($"{_sys.Root}/kernel/uevent_seqnum", "100\n");
        var handler = new DeviceHandler(
            TestRules.Of("udev: [ { match: { ID_BUS: usb, SUBSYSTEM: tty }, service: gps } ]"), new DeviceTree(new(_sys.Root), _sys.UdevData), null,
            order => _orders.Add(order.ToString()), new TestClock(), _ => { });

        handler.LookAround();
        handler.Handle(Event("remove", path, 98), isUdev);    // unplugged and plugged in again before we looked
        handler.Handle(Event("add", path, 99), isUdev);
        handler.Handle(Event("add", SysTree.PathOf(3), 97), isUdev);    // was gone again when we looked
        Assert.Equal(["start gps@ttyUSB0"], _orders);

        handler.Handle(Event("remove", path, 101), isUdev);
        Assert.DoesNotContain(path, handler.State.Devices.Keys);

        static Firn.Devices.Events.DeviceEvent Event(string action, string path, ulong number) => new(
            action, path, Firn.Devices.Events.DeviceMessage.Sorted([new("SUBSYSTEM", "tty"), new("DEVNAME", "ttyUSB0"), new("ID_BUS", "usb"), new("SEQNUM", $"{number}")]));
    }

    [Fact]
    public void Rules_that_ask_for_other_attributes_get_them()
    {
        _sys.PlugAdapter(port: 1, number: 0, serial: "VE1234XX", product: "GPS mouse");
        var handler = new DeviceHandler(
            TestRules.Of("udev: []"), new DeviceTree(new(_sys.Root), _sys.UdevData), null, order => _orders.Add(order.ToString()), new TestClock(), _ => { });
        handler.LookAround();

        handler.Reload(TestRules.Of("udev: [ { match: { SUBSYSTEM: tty, ATTRS.product: 'GPS*' }, service: gps } ]"));

        Assert.Equal(["start gps@ttyUSB0"], _orders);
    }
}
