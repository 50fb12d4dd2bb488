using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>The example of a tiny box: <c>firn pm</c> is the first process, and all that runs are its units.</summary>
public sealed class MachinesLiveWithoutSystemd
{
    private const string Web = "/var/opt/pm/units/web";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public void The_first_process_brings_up_the_machine_keeps_it_alive_and_switches_it_off_in_order()
    {
        using var machine = Boot(Image());

        Assert.Contains("/usr/bin/firn adopt /var/opt/pm", Run(machine, "tr '\\0' ' ' < /proc/1/cmdline"));
        Until(machine, $"[ \"$(cat {Web}/state)\" = RUNNING ]");
        Assert.Equal("10.0.2.15\n", Run(machine, "cat /run/network-is-up"));
        Assert.Contains("default via 10.0.2.2", Run(machine, "busybox ip route"));
        Assert.Equal("hello from tiny-box\n", Run(machine, "busybox wget -q -O - http://127.0.0.1/"));

        var before = Run(machine, $"cat {Web}/main");
        Run(machine, $"kill -9 {before.Trim()}");
        Until(machine, $"[ \"$(cat {Web}/main)\" != {before.Trim()} ] && busybox wget -q -O - http://127.0.0.1/");

        var end = machine.Console.Text.Length;
        Run(machine, "(sleep 1; busybox poweroff) & :");
        machine.WaitForExit(Limit, TestContext.Current.CancellationToken);
        Assert.Matches("(?s)stopped web.*stopped network", machine.Console.Text[end..]);
    }

    /// <summary>With units that tell when they stop.</summary>
    private static string Image()
    {
        var directory = Directory.CreateDirectory(Path.Combine(TestImages.Releases, "tiny-box")).FullName;
        HostTool.Run("cp", "-r", Path.Combine(Repository.Root, "examples/tiny-box/units"), directory);
        foreach (var unit in (string[])["web", "network"])
            File.AppendAllText($"{directory}/units/{unit}.yaml", $"stopPost: ['sh -c \"echo stopped {unit} > /dev/console\"']\n");
        return TestImages.Build("tiny-box", "../../../examples/tiny-box/recipe", text => WithoutAgent(text).Replace("units: [units]", $"units: [{directory}/units]"));
    }

    private static string WithoutAgent(string text) => text[..text.IndexOf("# firn-agent then", StringComparison.Ordinal)];

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
