using Firn.Cli;
using Firn.Tests.Devices;

namespace Firn.Tests.Cli;

public sealed class DeviceVerbsTests : IDisposable
{
    private readonly SysTree _sys = new();

    public DeviceVerbsTests()
    {
        _sys.PlugAdapter(port: 1, number: 0, serial: "VE1234XX");
        File.WriteAllText(_sys["rules.yaml"], "udev: [ { match: { ID_SERIAL_SHORT: VE*, SUBSYSTEM: tty }, service: gps, settle: 1s } ]");
    }

    public void Dispose() => _sys.Dispose();

    [Fact]
    public void A_device_is_shown_matched_listed_and_given_a_rule()
    {
        Assert.Contains("ID_SERIAL_SHORT=VE1234XX\n", Run(0, "show", "ttyUSB0"));
        Assert.Contains("\"ID_MODEL\": \"FT232R_USB_UART\"", Run(0, "show", "ttyUSB0", "--json"));
        Assert.Equal(
            "rules.yaml:1: fits: ID_SERIAL_SHORT is 'VE1234XX', SUBSYSTEM is 'tty'\ndecided by rules.yaml:1: gps@\n", Run(0, "match", "ttyUSB0", "--rules", _sys["rules.yaml"]));
        Assert.Contains("no rule fits", Run(3, "match", SysTree.Hub + "/1-1", "--rules", _sys["rules.yaml"]));
        Assert.Contains("no daemon has started it", Run(0, "list", "--rules", _sys["rules.yaml"], "--state", _sys["state"]));
        Assert.Contains("\"unit\": \"gps@\"", Run(0, "list", "--rules", _sys["rules.yaml"], "--state", _sys["state"], "--json"));
        Assert.Contains("ID_USB_SERIAL_SHORT: 'VE1234XX'", Run(0, "suggest", "ttyUSB0", "--service", "gps"));
        Assert.Equal("ttyUSB9: no such device\n", Run(1, "show", "ttyUSB9"));
    }

    [Fact]
    public void Rules_are_checked()
    {
        Assert.Equal("1 rule, no problem\n", Run(0, "check", _sys["rules.yaml"]));
        File.WriteAllText(_sys["wrong.yaml"], "udev:\n  - match: x\n    service: y\n");
        Assert.Contains("wrong.yaml:2: match must be properties with patterns", Run(1, "check", _sys["wrong.yaml"]));
        Assert.Contains("no such file", Run(1, "check", _sys["none.yaml"]));
    }

    [Fact]
    public void A_recording_is_replayed()
    {
        File.WriteAllText(_sys["recording"],
            "{\"ms\":500,\"action\":\"add\",\"devpath\":\"/devices/x/ttyUSB0\",\"properties\":{\"SUBSYSTEM\":\"tty\",\"SYSNAME\":\"ttyUSB0\",\"ID_SERIAL_SHORT\":\"VE99\"}}\n");

        Assert.Equal(
            "    1.500 start gps@ttyUSB0 (rules.yaml:1)\n          ID_SERIAL_SHORT=VE99\n          SUBSYSTEM=tty\n          SYSNAME=ttyUSB0\n",
            Run(0, "replay", _sys["recording"], "--rules", _sys["rules.yaml"], "--environment"));
    }

    [Fact]
    public void Without_a_daemon_nothing_can_be_sent()
    {
        Assert.Contains("cannot send", Run(1, "send", "add", "ttyUSB0", "--socket", _sys["none.sock"]));
        Assert.Contains("is not KEY=value", Run(1, "send", "add", "ttyUSB0", "x", "--socket", _sys["none.sock"]));
        Assert.Contains("--manager cannot be 'nobody'", Run(2, "run", "--manager", "nobody"));
    }

    private string Run(int code, params string[] arguments)
    {
        var output = new StringWriter();
        string[] sysfs = arguments[0] is "show" or "match" or "list" or "suggest" ? ["--sysfs", _sys.Root] : [];
        var result = CommandTree.Run(["device", .. arguments, .. sysfs], new(), output, output);
        Assert.True(result == code, output.ToString());
        return output.ToString();
    }
}
