using Firn.Devices.Events;
using Firn.Devices.Sources;

namespace Firn.Tests.Devices.Sources;

public sealed class DeviceTreeTests : IDisposable
{
    private readonly SysTree _sys = new();
    private readonly DeviceTree _tree;

    public DeviceTreeTests() => _tree = new(new(_sys.Root), _sys.UdevData);

    public void Dispose() => _sys.Dispose();

    [Fact]
    public void Without_udev_the_properties_are_derived_from_what_the_device_is_plugged_into()
    {
        var path = _sys.PlugAdapter(port: 1, number: 0, serial: "VE1234XX");

        var device = _tree.Describe(Assert.Single(_tree.List()), []).Properties;

        Assert.Equal(path, device["DEVPATH"]);
        Assert.Equal("/dev/ttyUSB0", device["DEVNAME"]);
        Assert.Equal("tty", device["SUBSYSTEM"]);
        Assert.Equal(("ttyUSB0", "0"), (device["SYSNAME"], device["SYSNUM"]));
        Assert.Equal("usb", device["ID_BUS"]);
        Assert.Equal(("0403", "6001"), (device["ID_VENDOR_ID"], device["ID_MODEL_ID"]));
        Assert.Equal("FT232R_USB_UART", device["ID_MODEL"]);
        Assert.Equal("VE1234XX", device["ID_SERIAL_SHORT"]);
        Assert.Equal("FTDI_FT232R_USB_UART_VE1234XX", device["ID_SERIAL"]);
        Assert.Equal("00", device["ID_USB_INTERFACE_NUM"]);
        Assert.Equal("ftdi_sio", device["DRIVER"]);
        Assert.Equal("pci-0000:00:01.0-usb-0:1:1.0", device["ID_PATH"]);
        Assert.Equal("pci-0000_00_01_0-usb-0_1_1_0", device["ID_PATH_TAG"]);
    }

    [Fact]
    public void What_udev_knows_wins()
    {
        _sys.PlugAdapter(port: 1, number: 0, serial: "VE1234XX");
        File.WriteAllText(Path.Combine(_sys.UdevData, "c188:0"), "S:serial/by-id/x\nE:ID_MODEL=Of_udev\nE:VE_SERVICE=vedirect\nG:systemd\n");

        var device = _tree.Describe(_tree.Find("ttyUSB0")!, []).Properties;

        Assert.Equal("Of_udev", device["ID_MODEL"]);
        Assert.Equal("vedirect", device["VE_SERVICE"]);
        Assert.Equal("VE1234XX", device["ID_SERIAL_SHORT"]);
    }

    [Fact]
    public void Attributes_are_read_that_rules_ask_for()
    {
        var path = _sys.PlugAdapter(port: 1, number: 0, serial: "X123");

        var device = _tree.Describe(_tree.Read(path)!, ["ATTR.dev", "ATTRS.product", "ATTRS.none", "ATTRS.../../../etc/passwd"]).Properties;

        Assert.Equal("FT232R USB UART", device["ATTRS.product"]);
        Assert.False(device.ContainsKey("ATTR.dev"));
        Assert.DoesNotContain(device.Keys, key => key.Contains("passwd"));
    }

    [Fact]
    public void A_hostile_descriptor_becomes_harmless_words()
    {
        _sys.PlugAdapter(port: 1, number: 0, serial: "A\"; rm -rf $HOME", product: "x\u0001\u001b[2J  y");

        var device = _tree.Describe(_tree.Find("/dev/ttyUSB0")!, []).Properties;

        Assert.Equal("A___rm_-rf__HOME", device["ID_SERIAL_SHORT"]);
        Assert.Equal("x___2J_y", device["ID_MODEL"]);
    }

    [Theory]
    [InlineData("ttyUSB3")]
    [InlineData("/dev/ttyUSB3")]
    public void A_device_is_found_by_its_names(string name)
    {
        var path = _sys.PlugAdapter(port: 2, number: 3, serial: "X123");

        Assert.Equal(path, _tree.Find(name)?.DevPath);
        Assert.Equal(path, _tree.Find($"{_sys.Root}/class/tty/ttyUSB3")?.DevPath);
        Assert.Equal(path, _tree.Find(path)?.DevPath);
        Assert.Null(_tree.Find("ttyUSB4"));
    }

    [Fact]
    public void An_event_about_a_device_that_is_gone_is_told_as_it_came()
    {
        var change = new DeviceEvent("remove", "/devices/x/ttyUSB9", DeviceMessage.Sorted([KeyValuePair.Create("DEVNAME", "ttyUSB9")]));

        Assert.Equal("/dev/ttyUSB9", _tree.Describe(change, ["ATTR.x"]).Properties["DEVNAME"]);
    }
}
