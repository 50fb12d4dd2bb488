using System.Diagnostics;
using System.Text.RegularExpressions;
using Firn.Images.Scenarios;
using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>
/// A machine that updates itself again and again and is killed at random moments: while it installs, restarts, tries, confirms.
/// It always comes back with a system that works, and in the end the update is finished.
/// </summary>
public sealed class KilledMachinesFinishTheirUpdate
{
    /// <summary>As long as an install, a restart and a confirmation take, together, on an emulated machine.</summary>
    private static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(16);

    private static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(120), InstallLimit = TimeSpan.FromSeconds(120);
    private const string Prompt = "tiny, version ([0-9])";

    [Fact]
    public void At_whatever_moment_they_are_killed()
    {
        var cancellation = TestContext.Current.CancellationToken;
        TestImages.TinyRelease("2");
        TestImages.TinyRelease("3");
        using var server = new StaticFileServer(TestImages.Releases);
        var logs = Directory.CreateDirectory(Path.Combine(Repository.Artifacts, "logs")).FullName;
        using var machine = new VirtualMachine(TestMachine.WithImage(Path.Combine(TestImages.Tiny, "disk.img")) with { ConsoleLog = Path.Combine(logs, "killed.log") });
        var random = new Random(Soak.Seed);
        var moments = new List<string>();

        for (var kill = 0; kill < Soak.Kills; kill++)
        {
            machine.Start(cancellation);
            var running = Awaken(machine, moments);
            machine.Console.SendLine($"{UntilHealthy}; firn update install http://10.0.2.2:{server.Port}/{(running == "2" ? 3 : 2)} --fast "
                + "&& echo b > /proc/sysrq-trigger");
            var life = Stopwatch.StartNew();
            cancellation.WaitHandle.WaitOne(random.NextDouble() * LongestLife);
            machine.CutPower();
            moments.Add($"kill {kill + 1}: version {running}, after {life.Elapsed.TotalSeconds:0.0} s");
        }

        machine.Start(cancellation);
        var survivor = Awaken(machine, moments);
        var target = survivor == "2" ? "3" : "2";
        Run(machine, $"{UntilHealthy}; firn update install http://10.0.2.2:{server.Port}/{target} --fast", moments);
        machine.Reset();
        Assert.Equal(target, Awaken(machine, moments));
        Run(machine, $"{UntilHealthy}; firn update status", moments, $"version {target}, confirmed");
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Soak.Seed}\n{string.Join('\n', moments)}");
    }

    private const string UntilHealthy = "until [ -e /run/firn/healthy ]; do sleep 1; done";

    /// <summary>The version that came up.</summary>
    private static string Awaken(VirtualMachine machine, List<string> moments)
    {
        try
        {
            return machine.Console.WaitFor(Prompt, BootLimit, "Kernel panic|no slot can be loaded", TestContext.Current.CancellationToken).Groups[1].Value;
        }
        catch (VirtualMachineException error)
        {
            Assert.Fail($"seed {Soak.Seed}: it did not come back: {error.Message}\n{string.Join('\n', moments)}\n{machine.Console.LastLines(40)}");
            throw;
        }
    }

    private static void Run(VirtualMachine machine, string command, List<string> moments, string expected = "")
    {
        var result = machine.RunCommand(command, InstallLimit, TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0 && Regex.IsMatch(result.Output, expected),
            $"seed {Soak.Seed}: {command}: exit code {result.ExitCode}\n{result.Output}\n{string.Join('\n', moments)}");
    }
}
