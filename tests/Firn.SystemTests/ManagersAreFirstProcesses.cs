using System.Diagnostics;
using Firn.Supervision.Control;
using Firn.Supervision.Homes;

namespace Firn.SystemTests;

/// <summary><c>firn pm</c> as process 1 of a container: nobody else reaps, and a stop is a signal to it.</summary>
public sealed class ManagersAreFirstProcesses
{
    [Fact]
    public void In_a_container_it_reaps_everything_and_ends_in_order_when_told_by_a_signal()
    {
        var home = new PmHome(Directory.CreateTempSubdirectory("pm-first-").FullName);
        try
        {
            Directory.CreateDirectory($"{home.Path}/wanted");
            File.WriteAllText($"{home.Path}/wanted/all.yaml", $$"""
                units:
                  base: { run: sleep 1000, ready: settle(10ms), stopPost: ['sh -c "echo base >> {{home.Path}}/order"'] }
                  top: { run: sleep 1000, ready: settle(10ms), requires: [base], stopPost: ['sh -c "echo top >> {{home.Path}}/order"'] }
                  forker: { run: 'sh -c "while :; do (setsid sh -c \"sleep 0.05\" &); sleep 0.05; done"', ready: settle(10ms) }
                """);
            var firn = Path.Combine(AppContext.BaseDirectory, "firn");
            using var container = Process.Start(new ProcessStartInfo("unshare", ["--pid", "--fork", "--mount-proc", "--kill-child", firn, "pm", "main", "--home", home.Path, "--units", $"{home.Path}/wanted"]))!;
            WaitUntil(() => States(home) == "base RUNNING forker RUNNING top RUNNING");
            Thread.Sleep(2000);
            var first = int.Parse(HostTool.Run("pgrep", "-P", $"{container.Id}").Trim(), System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(HostTool.Run("ps", "--no-headers", "-o", "stat", "-g", "0", "--ppid", $"{first}").Split('\n').Count(line => line.StartsWith('Z')) < 3, "ended processes are reaped");

            HostTool.Run("kill", "-TERM", $"{first}");

            Assert.True(container.WaitForExit(TimeSpan.FromSeconds(60)), "it ends");
            Assert.Equal(0, container.ExitCode);
            Assert.Equal(["top", "base"], File.ReadAllLines($"{home.Path}/order"));
        }
        finally
        {
            Directory.Delete(home.Path, recursive: true);
        }
    }

    /// <summary>
    /// The kernel judges: reboot(2) of the first process of a namespace of processes ends that with SIGHUP for a restart and
    /// SIGINT for the rest (pid_namespaces(7)). Root of a namespace of users of its own can take no mount of this machine away.
    /// </summary>
    [Theory]
    [InlineData("busybox poweroff", true, 130)]
    [InlineData("busybox halt", true, 130)]
    [InlineData("busybox reboot", true, 129)]
    [InlineData("kill -INT 1", true, 129)]
    [InlineData("kill -PWR 1", true, 130)]
    [InlineData("kill -RTMIN+3 1", true, 130)]
    [InlineData("kill -RTMIN+4 1", true, 130)]
    [InlineData("kill -RTMIN+5 1", true, 129)]
    [InlineData("busybox poweroff", false, 0)]
    [InlineData("busybox reboot", false, 0)]
    [InlineData("kill -RTMIN+3 1", false, 0)]
    public void Who_ends_a_machine_by_a_signal_to_its_first_process_gets_what_was_asked_after_all_units_have_stopped(string command, bool isMachine, int expected)
    {
        var home = new PmHome(Directory.CreateTempSubdirectory("pm-first-").FullName);
        try
        {
            Directory.CreateDirectory($"{home.Path}/wanted");
            File.WriteAllText($"{home.Path}/wanted/all.yaml", $"units: {{ base: {{ run: sleep 1000, ready: settle(10ms), stopPost: ['sh -c \"echo base >> {home.Path}/order\"'] }} }}");
            var firn = Path.Combine(AppContext.BaseDirectory, "firn");
            string[] machine = isMachine ? ["--init"] : [];
            // a kernel's first process ignores nothing; one that a shell starts in the background is deaf to SIGINT
            using var first = Process.Start(new ProcessStartInfo("env",
                ["--default-signal", "unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child", firn, "pm", "main", "--home", home.Path, "--units", $"{home.Path}/wanted", .. machine]))!;
            WaitUntil(() => States(home) == "base RUNNING");
            var holder = HostTool.Run("pgrep", "-P", $"{first.Id}").Trim();

            HostTool.TryRun("nsenter", "--target", holder, "--user", "--pid", "--mount", "--preserve-credentials", "sh", "-c", command);

            Assert.True(first.WaitForExit(TimeSpan.FromSeconds(60)), "it ends");
            Assert.Equal((expected, "base\n"), (first.ExitCode, File.ReadAllText($"{home.Path}/order")));
        }
        finally
        {
            Directory.Delete(home.Path, recursive: true);
        }
    }

    [Theory]
    [InlineData("kill -RTMIN+13 1", 130)]
    [InlineData("kill -RTMIN+14 1", 130)]
    [InlineData("kill -RTMIN+15 1", 129)]
    public void Who_ends_a_machine_at_once_waits_for_no_unit(string command, int expected)
    {
        var home = new PmHome(Directory.CreateTempSubdirectory("pm-first-").FullName);
        try
        {
            Directory.CreateDirectory($"{home.Path}/wanted");
            File.WriteAllText($"{home.Path}/wanted/deaf.yaml", "run: sh -c \"trap '' TERM; while :; do sleep 1; done\"\nready: settle(10ms)\nstopTimeout: 5m\n");
            using var first = Process.Start(new ProcessStartInfo("env",
                ["--default-signal", "unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child", Path.Combine(AppContext.BaseDirectory, "firn"), "pm", "main", "--home", home.Path, "--units", $"{home.Path}/wanted", "--init"]))!;
            WaitUntil(() => States(home) == "deaf RUNNING");
            var holder = HostTool.Run("pgrep", "-P", $"{first.Id}").Trim();

            HostTool.TryRun("nsenter", "--target", holder, "--user", "--pid", "--mount", "--preserve-credentials", "sh", "-c", command);

            Assert.True(first.WaitForExit(TimeSpan.FromSeconds(60)), "it ends");
            Assert.Equal(expected, first.ExitCode);
        }
        finally
        {
            Directory.Delete(home.Path, recursive: true);
        }
    }

    [Fact]
    public void A_signal_that_comes_while_there_is_no_manager_is_not_lost()
    {
        var home = new PmHome(Directory.CreateTempSubdirectory("pm-first-").FullName);
        try
        {
            Directory.CreateDirectory($"{home.Path}/wanted");
            File.WriteAllText($"{home.Path}/wanted/a.yaml", "run: sleep 1000\nready: settle(10ms)\n");
            using var holder = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "firn"), ["pm", "main", "--home", home.Path, "--units", $"{home.Path}/wanted"]))!;
            WaitUntil(() => States(home) == "a RUNNING");
            var manager = HostTool.Run("pgrep", "-f", $"[p]m-manager {home.Path} ").Trim();
            HostTool.Run("kill", "-STOP", $"{holder.Id}");

            HostTool.Run("kill", "-KILL", manager);
            HostTool.Run("kill", "-USR2", $"{holder.Id}");
            HostTool.Run("kill", "-CONT", $"{holder.Id}");

            Assert.True(holder.WaitForExit(TimeSpan.FromSeconds(60)), "it ends");
            Assert.Equal(0, holder.ExitCode);
            Assert.False(HostTool.Succeeds("pgrep", "-f", $"[p]m-manager {home.Path} "));
        }
        finally
        {
            Directory.Delete(home.Path, recursive: true);
        }
    }

    private static string States(PmHome home)
    {
        try
        {
            var states = new List<string>();
            ControlClient.Ask(home, new("list", [], []), unit => states.Add($"{unit.GetProperty("unit")} {unit.GetProperty("state")}"));
            return string.Join(' ', states);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static void WaitUntil(Func<bool> condition)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(60); Thread.Sleep(50))
            if (condition()) return;
        Assert.Fail("in vain");
    }
}
