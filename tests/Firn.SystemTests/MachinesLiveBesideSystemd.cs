using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>A Debian with systemd and udevd: <c>firn-pm.service</c> and <c>firn-device.service</c> as a recipe puts them there.</summary>
public sealed class MachinesLiveBesideSystemd
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact, Trait("When", "Night")]
    public void Systemd_runs_the_manager_and_udev_tells_of_devices_that_start_its_units()
    {
        var image = TestImages.Build("debian-devices", "debian-devices", text => text);
        using var machine = new VirtualMachine(TestMachine.WithImage(Path.Combine(image, "disk.img")) with { MemoryBytes = 1 << 30 });
        machine.Start(TestContext.Current.CancellationToken);
        machine.Login("root", "", Limit * 5, TestContext.Current.CancellationToken);
        Run("systemctl is-system-running --wait");

        // the manager is a service, has a group of its own for units, and outlives what happens to it
        Run("systemctl is-active firn-pm firn-device && firn pm is-healthy --timeout 60 && [ -e /run/firn/healthy ]");
        Assert.Equal("67108864\n", Run("cat /sys/fs/cgroup/system.slice/firn-pm.service/pm-var-opt-pm/clock/memory.max"));
        var clock = Run("cat /var/opt/pm/units/clock/main");
        Run("systemctl kill --kill-whom=main --signal=KILL firn-pm; sleep 3");
        Until("systemctl is-active firn-pm && firn pm status clock | grep RUNNING");
        Assert.Equal(clock, Run("cat /var/opt/pm/units/clock/main"));
        Assert.Equal("67108864\n", Run("cat /sys/fs/cgroup/system.slice/firn-pm.service/pm-var-opt-pm/clock/memory.max"));
        Run($"kill -9 {clock.Trim()}");
        Until($"[ \"$(cat /var/opt/pm/units/clock/main)\" != {clock.Trim()} ] && firn pm is-active clock");

        // udev's own events, after its rules: the model is as its database has it
        machine.AttachUsbSerial("one", "VE1234XX");
        Until("systemctl is-active gps@VE1234XX");
        Assert.Matches("/dev/ttyUSB0 of QEMU_USB_SERIAL", Run("cat /run/gps-of-VE1234XX"));
        Assert.Contains("USEC_INITIALIZED", Run("timeout 60 firn device record /run/recording --source udev --count 1 > /run/record.log 2>&1 & recorder=$!;"
            + " while kill -0 $recorder; do udevadm trigger --action=change /sys/class/tty/ttyUSB0; sleep 1; done; cat /run/record.log /run/recording"));
        Assert.Matches("/dev/ttyUSB0 +devices.yaml:2 +gps@VE1234XX +running", Run("firn device list"));
        machine.DetachUsbSerial("one");
        Until("! systemctl is-active gps@VE1234XX && [ ! -e /run/gps-of-VE1234XX ]");
        Run("systemctl reload firn-device && systemctl is-active firn-device");

        Run("systemctl stop firn-pm");
        Assert.Equal("STOPPED\n", Run("cat /var/opt/pm/units/clock/state"));

        void Until(string condition) =>
            Run($"i=0; until {{ {condition}; }} > /run/until.log 2>&1; do i=$((i + 1)); [ $i -lt 60 ] || {{ cat /run/until.log; firn pm list; journalctl --no-pager -n 30 -u firn-pm -u firn-device; exit 1; }}; sleep 1; done");

        string Run(string command)
        {
            var result = machine.RunCommand(command, Limit * 2, TestContext.Current.CancellationToken);
            Assert.True(result.ExitCode == 0, $"{command}: {result.ExitCode}\n{result.Output}\n{machine.Console.Text}");
            return result.Output;
        }
    }
}
