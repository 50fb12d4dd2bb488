using Firn.Devices.Explaining;
using Firn.Devices.Sources;

namespace Firn.Tests.Devices.Explaining;

public sealed class ProberVerdictTests : IDisposable
{
    private readonly SysTree _sys = new();

    public ProberVerdictTests()
    {
        Put("etc/udev/rules.d/serial-starter.rules", """
            # comment
            ACTION=="add", SUBSYSTEM=="tty", SUBSYSTEMS=="platform|usb-serial", ENV{VE_PRODUCT}!="?*", \
                GOTO="usb"
            GOTO="end"
            LABEL="usb"
            SUBSYSTEM=="tty", ATTRS{idVendor}=="0403", ATTRS{product}=="VE Direct cable", ENV{VE_SERVICE}="vedirect"
            SUBSYSTEM=="tty", ENV{ID_MODEL}=="RS485*", ENV{VE_SERVICE}="rs485"
            KERNEL=="ttyS9", ENV{VE_SERVICE}="ignore"
            PROGRAM=="/bin/probe", ENV{VE_SERVICE}="wrong"
            LABEL="end"
            """);
        Put("etc/venus/serial-starter.conf", """
            service gps         gps-dbus
            service vedirect    vedirect-interface
            service cgwacs      dbus-cgwacs
            service modbus      dbus-modbus-client
            alias   default     gps:vedirect
            alias   rs485       cgwacs:more:modbus
            alias   more        modbus:rs485:gps
            include /data/conf/serial-starter.d
            """);
        Put("opt/victronenergy/service-templates/vedirect-interface/run", "#!/bin/sh\nexec 2>&1\nexec softlimit /opt/vedirect -s /dev/TTY PRODUCT=\n");
    }

    public void Dispose() => _sys.Dispose();

    [Fact]
    public void A_cable_that_a_rule_of_the_image_knows_is_started_for_good()
    {
        var verdict = Explain(product: "VE Direct cable");

        Assert.Equal(["vedirect"], verdict.Programs);
        Assert.Equal("VE_SERVICE is 'vedirect'", verdict.Reason);
        Assert.Equal(["exec softlimit /opt/vedirect -s /dev/ttyUSB0 PRODUCT=VE_Direct_cable"], verdict.Commands);
        Assert.Equal(["serial-starter.rules:9: PROGRAM is not known here; the rule is left out"], verdict.Notes);
    }

    [Fact]
    public void An_unknown_cable_is_probed_by_the_default_list()
    {
        var verdict = Explain(product: "FT232R USB UART");

        Assert.Equal(["gps", "vedirect"], verdict.Programs);
        Assert.Equal("", verdict.Commands[0]);
        Assert.Equal("no VE_SERVICE; product 'FT232R_USB_UART'", verdict.Reason);
    }

    [Fact]
    public void Aliases_within_aliases_end()
    {
        Assert.Equal(["cgwacs", "modbus", "gps"], Explain(product: "RS485 cable").Programs);
    }

    [Fact]
    public void The_list_begins_with_what_was_right_before()
    {
        Put("data/var/lib/serial-starter/ttyUSB0", "modbus\n");

        Assert.Equal(["modbus", "gps", "cgwacs"], Explain(product: "RS485 cable").Programs);
    }

    [Fact]
    public void A_file_of_the_owner_wins()
    {
        Put("data/conf/serial-starter.d/own.conf", "alias default mine\n");

        Assert.Equal(["mine"], Explain(product: "FT232R USB UART").Programs);
    }

    [Fact]
    public void A_port_without_a_device_and_one_that_is_not_of_USB_are_left_alone()
    {
        _sys.Device("/devices/platform/serial8250/tty/ttyS1", "tty", null);
        var tree = new DeviceTree(new(_sys.Root), _sys.UdevData);
        var device = tree.Describe(tree.Read("/devices/platform/serial8250/tty/ttyS1")!, []).Properties;

        Assert.Empty(ProberVerdict.For(device, ChainLink.Of(tree.Sysfs, device["DEVPATH"]), hasParent: false, _sys["image"]).Programs);
        Assert.Empty(ProberVerdict.For(device, ChainLink.Of(tree.Sysfs, device["DEVPATH"]), hasParent: true, _sys["image"]).Programs);
    }

    [Fact]
    public void Rules_that_cannot_be_understood_are_told()
    {
        var (rules, notes) = (new List<UdevRuleLine>(), new List<string>());

        UdevRuleLine.Parse("KERNEL==\"a\", ENV{X}=\"b\"\nKERNEL=a\nENV{X==\"b\"\nKERNEL~\"x\"\n", "x.rules", rules, notes.Add);

        Assert.Equal(2, Assert.Single(rules).Terms.Length);
        Assert.Equal(["x.rules:2", "x.rules:3", "x.rules:4"], notes.Select(note => note[..9]));
    }

    private ProberVerdict Explain(string product)
    {
        var path = _sys.PlugAdapter(port: 1, number: 0, serial: "VE1234XX", product);
        var tree = new DeviceTree(new(_sys.Root), _sys.UdevData);
        return ProberVerdict.For(tree.Describe(tree.Read(path)!, []).Properties, ChainLink.Of(tree.Sysfs, path), hasParent: true, _sys["image"]);
    }

    private void Put(string path, string text)
    {
        var file = Path.Combine(_sys["image"], path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
