using System.Text;
using Firn.Devices.Events;
using Firn.Devices.Sources;
using Firn.Linux.Files;
using Firn.Linux.Sockets;

namespace Firn.Tests.Devices.Watching;

public sealed class DeviceDaemonTests : IDisposable
{
    private const string Rules = "udev: [ { match: { ID_BUS: usb, SUBSYSTEM: tty }, service: gps, symlink: gps, data: { serial: '@ID_SERIAL_SHORT' } } ]";
    private readonly SysTree _sys = new();

    public void Dispose() => _sys.Dispose();

    [Fact]
    public void Devices_that_are_there_already_are_served_when_the_daemon_starts()
    {
        _sys.PlugAdapter(port: 1, number: 0, serial: "VE1234XX");

        using var daemon = new RunningDaemon(_sys, Rules);

        Assert.Equal("start gps@ttyUSB0", daemon.NextOrder());
        daemon.WaitFor(() => File.ReadAllText(_sys["state/units/gps@ttyUSB0"]).StartsWith("phase=Running"));
        Assert.Contains("SERIAL=\"VE1234XX\"\n", File.ReadAllText(_sys["state/env/gps@ttyUSB0"]));
        Assert.Equal(0x180u, RawFiles.Status(RawPath.From(_sys["state/env/gps@ttyUSB0"])).Mode & 0x1ff);
        Assert.Equal("/dev/ttyUSB0", new FileInfo(_sys["dev/gps"]).LinkTarget);
    }

    [Fact]
    public void An_event_that_is_sent_is_handled_and_nothing_is_left_of_a_device_that_is_gone()
    {
        using var daemon = new RunningDaemon(_sys, Rules);

        var path = _sys.PlugAdapter(port: 1, number: 0, serial: "VE1234XX");
        Send(daemon, "add ttyUSB0");
        Assert.Equal("start gps@ttyUSB0", daemon.NextOrder());
        daemon.WaitFor(() => File.Exists(_sys["state/env/gps@ttyUSB0"]));

        _sys.Unplug(1, 0);
        DatagramSender.Send(daemon.Socket, DeviceMessage.Write(new("remove", path, DeviceMessage.Sorted([]))));
        Assert.Equal("stop gps@ttyUSB0", daemon.NextOrder());
        daemon.WaitFor(() => !File.Exists(_sys["state/units/gps@ttyUSB0"]));
        Assert.False(File.Exists(_sys["state/env/gps@ttyUSB0"]));
        Assert.False(Path.Exists(_sys["dev/gps"]));
    }

    [Fact]
    public void What_went_while_no_daemon_ran_is_stopped_by_the_next()
    {
        _sys.PlugAdapter(port: 1, number: 0, serial: "VE1234XX");
        _sys.PlugAdapter(port: 2, number: 1, serial: "VE5678XX");
        using (var first = new RunningDaemon(_sys, Rules))
        {
            Assert.Equal(["start gps@ttyUSB0", "start gps@ttyUSB1"], new[] { first.NextOrder(), first.NextOrder() }.Order());
            foreach (var unit in new[] { "gps@ttyUSB0", "gps@ttyUSB1" })
                first.WaitFor(() => File.Exists(_sys[$"state/units/{unit}"]) && File.ReadAllText(_sys[$"state/units/{unit}"]).StartsWith("phase=Running"));
        }
        _sys.Unplug(1, 0);

        using var second = new RunningDaemon(_sys, Rules);

        Assert.Equal(["start gps@ttyUSB1", "stop gps@ttyUSB0"], new[] { second.NextOrder(), second.NextOrder() }.Order());
        second.WaitFor(() => Directory.GetFiles(_sys["state/units"]) is [var only] && only.EndsWith("gps@ttyUSB1"));
    }

    [Fact]
    public void Rules_that_are_saved_are_followed_and_wrong_ones_are_not()
    {
        _sys.PlugAdapter(port: 1, number: 0, serial: "VE1234XX");
        using var daemon = new RunningDaemon(_sys, Rules);
        Assert.Equal("start gps@ttyUSB0", daemon.NextOrder());
        daemon.WaitFor(() => File.ReadAllText(_sys["state/units/gps@ttyUSB0"]).StartsWith("phase=Running"));

        File.WriteAllText(daemon.Rules, "udev: [ { match: { ID_BUS: usb }, servise: x } ]");
        daemon.WaitFor(() => daemon.Log.Any(line => line.Contains("the rules stay as they were")));
        Assert.False(daemon.HasOrder);

        File.WriteAllText(_sys["new.yaml"], Rules.Replace("'@ID_SERIAL_SHORT'", "other"));
        File.Move(_sys["new.yaml"], daemon.Rules, overwrite: true);
        Assert.Equal("restart gps@ttyUSB0", daemon.NextOrder());
    }

    [Fact]
    public void Hostile_datagrams_are_refused_and_stop_nothing()
    {
        using var daemon = new RunningDaemon(_sys, Rules);
        byte[][] hostile =
        [
            [], [0], [0xff, 0xfe, 0xfd], "libudev\0garbage"u8.ToArray(),
            "add@/../../etc/passwd\0"u8.ToArray(), Encoding.UTF8.GetBytes("add " + new string('x', 60_000)), new byte[100_000],
            "add ttyUSB0 no-property"u8.ToArray(), [.. "add@/devices/x\0"u8, 0xc3, 0x28, .. "=x\0"u8],
        ];

        foreach (var bytes in hostile) DatagramSender.Send(daemon.Socket, bytes);
        daemon.WaitFor(() => daemon.Refused == hostile.Length);

        _sys.PlugAdapter(port: 1, number: 0, serial: "VE1234XX");
        Send(daemon, "add ttyUSB0");
        Assert.Equal("start gps@ttyUSB0", daemon.NextOrder());
    }

    [Fact]
    public void A_daemon_that_has_nothing_to_do_uses_no_time()
    {
        using var daemon = new RunningDaemon(_sys, Rules);
        var before = Wakeups();

        Thread.Sleep(1000);

        Assert.InRange(Wakeups() - before, 0, 1);

        // how often the kernel has put the daemon's thread to sleep: once for each time it woke up
        long Wakeups() => Directory.GetDirectories("/proc/self/task").Where(task => File.ReadAllText($"{task}/comm").Trim() == "firn-devices")
            .Sum(task => long.Parse(File.ReadLines($"{task}/status").First(line => line.StartsWith("voluntary_ctxt")).Split(':')[1]));
    }

    [Fact]
    public void The_devices_of_this_machine_are_found()
    {
        var tree = new DeviceTree(new("/sys"));
        Assert.NotEmpty(tree.List());
        Assert.All(tree.List().Take(20), device => Assert.StartsWith("/devices/", device.DevPath));
    }

    private static void Send(RunningDaemon daemon, string line) => DatagramSender.Send(daemon.Socket, Encoding.UTF8.GetBytes(line));
}
