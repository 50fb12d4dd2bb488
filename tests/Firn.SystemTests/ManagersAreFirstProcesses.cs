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
