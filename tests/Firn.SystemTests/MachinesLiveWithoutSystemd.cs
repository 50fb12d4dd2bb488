using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>The example of a tiny box: <c>firn pm</c> is the first process, and all that runs are its units.</summary>
public sealed class MachinesLiveWithoutSystemd
{
    private const string Units = "/var/opt/pm/units", Web = $"{Units}/web", Groups = "/sys/fs/cgroup/pm-var-opt-pm";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public void The_first_process_brings_up_the_machine_keeps_it_alive_and_switches_it_off_in_order()
    {
        using var machine = Boot(Image("tiny-box", WithEaters));

        Assert.Contains("/usr/bin/firn adopt /var/opt/pm", Run(machine, "tr '\\0' ' ' < /proc/1/cmdline"));
        Until(machine, $"[ \"$(cat {Web}/state)\" = RUNNING ]");
        Assert.Equal("10.0.2.15\n", Run(machine, "cat /run/network-is-up"));
        Assert.Contains("default via 10.0.2.2", Run(machine, "busybox ip route"));
        Assert.Equal("hello from tiny-box\n", Run(machine, "busybox wget -q -O - http://127.0.0.1/"));

        var before = Run(machine, $"cat {Web}/main");
        Run(machine, $"kill -9 {before.Trim()}");
        Until(machine, $"[ \"$(cat {Web}/main)\" != {before.Trim()} ] && busybox wget -q -O - http://127.0.0.1/");
        LimitsAreTheKernels(machine);

        var end = machine.Console.Text.Length;
        Run(machine, "(sleep 1; busybox poweroff) & :");
        machine.WaitForExit(Limit, TestContext.Current.CancellationToken);
        Assert.Matches("(?s)stopped web.*stopped network", machine.Console.Text[end..]);
    }

    [Fact, Trait("When", "Night")]
    public void Devices_have_their_units_and_a_restart_leaves_none_without_its_device()
    {
        using var machine = Boot(Image("tiny-box-hardware", ForHardware));
        Until(machine, "firn pm is-active web network firn-device");

        // two with the same serial number: each has a unit, and neither keeps that of the other
        machine.AttachUsbSerial("one", "VE1234XX");
        Until(machine, "firn pm is-active gps@VE1234XX && grep -q ttyUSB0 /run/gps-of-VE1234XX");
        machine.AttachUsbSerial("two", "VE1234XX");
        Until(machine, "grep -q ttyUSB1 /run/gps-of-VE1234XX-pci*");
        Assert.Matches("(?s)/dev/ttyUSB0 .*gps@VE1234XX +running.*/dev/ttyUSB1 .*gps@VE1234XX-pci.* +running", Run(machine, "firn device list"));
        var second = Run(machine, $"cat {Units}/gps@VE1234XX-pci*/main");
        machine.DetachUsbSerial("one");
        Until(machine, "! firn pm is-active gps@VE1234XX");
        Assert.Equal(second, Run(machine, $"cat {Units}/gps@VE1234XX-pci*/main"));

        // a manager that is killed finds them again, and so does the daemon that hears of devices
        Run(machine, "kill -9 $(cut -d ' ' -f 1 /proc/1/task/1/children)");
        Until(machine, "firn pm is-active firn-device");
        machine.AttachUsbSerial("three", "VE1234XX");
        Until(machine, "firn pm is-active gps@VE1234XX && grep -q ttyUSB0 /run/gps-of-VE1234XX");
        Assert.Equal(second, Run(machine, $"cat {Units}/gps@VE1234XX-pci*/main"));

        // Ctrl-Alt-Del restarts; what belongs to a device is only there with it
        Run(machine, "(sleep 1; kill -INT 1) & :");
        machine.Console.WaitFor("initramfs of slot a", Limit * 2, cancellation: TestContext.Current.CancellationToken);
        machine.DetachUsbSerial("three");
        machine.Login("root", "", Limit * 3, TestContext.Current.CancellationToken);
        Until(machine, "firn pm is-active firn-device gps@VE1234XX && grep -q ttyUSB0 /run/gps-of-VE1234XX");
        Assert.Matches("gps@VE1234XX-pci[^ ]* +STOPPED", Run(machine, "firn pm list"));
        Run(machine, "(sleep 1; exec firn pm shutdown --power-off) > /dev/null 2>&1 & :");
        machine.WaitForExit(Limit, TestContext.Current.CancellationToken);
    }

    /// <summary>Also those of a unit that outlived its manager, and those set while it runs.</summary>
    private static void LimitsAreTheKernels(VirtualMachine machine)
    {
        var main = Run(machine, $"cat {Web}/main");
        Run(machine, "kill -9 $(cut -d ' ' -f 1 /proc/1/task/1/children)");
        Until(machine, "firn pm is-active web");
        Run(machine, "firn pm set-property web 'limits.cpuMax=50000 100000' limits.cpuWeight=50 limits.memoryMax=24M");
        Assert.Equal("25165824\n16\n50000 100000\n50\n", Run(machine, $"cd {Groups}/web && cat memory.max pids.max cpu.max cpu.weight"));
        Assert.Equal(main, Run(machine, $"cat {Groups}/web/cgroup.procs"));

        Run(machine, "firn pm start --no-block memory-eater process-eater time-eater");
        Until(machine, $"[ \"$(cat {Units}/memory-eater/reason)\" = 'failed oom' ]");
        Assert.Contains("oom", Run(machine, "firn pm status memory-eater || [ $? = 3 ]"));
        Until(machine, "dmesg | grep 'fork rejected by pids controller in /pm-var-opt-pm/process-eater'");
        Until(machine, $"! grep -q '^nr_throttled 0' {Groups}/time-eater/cpu.stat");
    }

    /// <summary>With units that tell when they stop.</summary>
    private static string Image(string name, Func<string, string> change)
    {
        var directory = Directory.CreateDirectory(Path.Combine(TestImages.Releases, name)).FullName;
        HostTool.Run("cp", "-r", Path.Combine(Repository.Root, "examples/tiny-box/units"), directory);
        foreach (var unit in (string[])["web", "network"])
            File.AppendAllText($"{directory}/units/{unit}.yaml", $"stopPost: ['sh -c \"echo stopped {unit} > /dev/console\"']\n");
        return TestImages.Build(name, "../../../examples/tiny-box/recipe", text => change(WithoutAgent(text)).Replace("units: [units", $"units: [{directory}/units"));
    }

    private static string WithoutAgent(string text) => text[..text.IndexOf("# firn-agent then", StringComparison.Ordinal)];

    /// <summary>Units that take what they can get.</summary>
    private static string WithEaters(string text) => text.Replace("units: [units]", $"units: [units, {Recipes}/tiny-box-units/eaters.yaml]");

    /// <summary>The kernel with drivers for USB, and a device's service.</summary>
    private static string ForHardware(string text) => text
        .Replace("linux-image-cloud-amd64", "linux-image-amd64").Replace("remove: [", "remove: [/usr/lib/firmware, ")
        .Replace("units: [units]", $"units: [units, '{Recipes}/tiny-box-units/gps@.yaml']")
        + $"devices: {{ rules: [{Recipes}/devices.yaml] }}\nkernel: {{ modules: [ftdi_sio] }}\n";

    private static string Recipes => Path.Combine(Repository.Root, "tests/Firn.SystemTests/recipes");

    private static VirtualMachine Boot(string image)
    {
        var machine = new VirtualMachine(TestMachine.WithImage(Path.Combine(image, "disk.img")));
        machine.Start(TestContext.Current.CancellationToken);
        machine.Login("root", "", Limit * 3, TestContext.Current.CancellationToken);
        return machine;
    }

    private static void Until(VirtualMachine machine, string condition) =>
        Run(machine, $"i=0; until {{ {condition}; }} > /run/until.log 2>&1; do i=$((i + 1)); [ $i -lt 60 ] || {{ cat /run/until.log; firn pm list; exit 1; }}; sleep 1; done");

    private static string Run(VirtualMachine machine, string command)
    {
        var result = machine.RunCommand(command, Limit * 2, TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, $"{command}: {result.ExitCode}\n{result.Output}\n{machine.Console.Text}");
        return result.Output;
    }
}
