using System.Diagnostics;
using Firn.Cli;

namespace Firn.SystemTests;

/// <summary>However `firn image test` ends, no QEMU outlives it.</summary>
public sealed class RunnersEnd : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly TemporaryDirectory _directory = new();

    public RunnersEnd()
    {
        BootSector.WriteDisk(_directory["disk.img"]);
        File.WriteAllText(_directory["endless.yaml"], """
            name: waits for what never comes
            machine: { firmware: bios, memory: 64M }
            steps:
              - wait: boot 1
              - wait: never
            """);
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("KILL", 137)]
    [InlineData("INT", 130)]
    [InlineData("TERM", 130)]
    public void Ending_the_runner_ends_its_machine(string signal, int exitCode)
    {
        using var runner = StartRunner();
        var qemu = Await(() => Children(runner.Id).FirstOrDefault(IsQemu));
        Await(() => runner.StandardOutput.ReadLine()?.Contains("wait: boot 1") == true ? 1 : 0);

        using (var kill = Process.Start("kill", [$"-{signal}", $"{runner.Id}"])) kill.WaitForExit();

        Assert.True(runner.WaitForExit(Limit));
        Assert.Equal(exitCode, runner.ExitCode);
        Await(() => IsQemu(qemu) ? 0 : 1);
        if (signal != "KILL") Assert.Empty(Directory.GetDirectories(_directory["tmp"], "firn-vm-*"));
    }

    [Fact]
    public void What_a_killed_runner_left_is_removed_by_the_next()
    {
        using (var runner = StartRunner())
        {
            Await(() => runner.StandardOutput.ReadLine()?.Contains("wait: boot 1") == true ? 1 : 0);
            runner.Kill();
            runner.WaitForExit();
        }
        Assert.Single(Directory.GetDirectories(_directory["tmp"], "firn-vm-*"));

        using var next = StartRunner();
        Await(() => next.StandardOutput.ReadLine()?.Contains("wait: boot 1") == true ? 1 : 0);

        Assert.Single(Directory.GetDirectories(_directory["tmp"], "firn-vm-*"));
        next.Kill();
    }

    private Process StartRunner()
    {
        Directory.CreateDirectory(_directory["tmp"]);
        var program = Path.ChangeExtension(typeof(ExitCode).Assembly.Location, ".dll");
        // Tests that were started in the background of a script ignore SIGINT, and so would what they start.
        return Process.Start(new ProcessStartInfo(
            "env", ["--default-signal=INT", "dotnet", "exec", program, "image", "test", _directory["disk.img"], _directory["endless.yaml"]])
        {
            RedirectStandardOutput = true,
            Environment = { ["TMPDIR"] = _directory["tmp"] },
        })!;
    }

    private static IEnumerable<int> Children(int parent) =>
        Directory.GetDirectories($"/proc/{parent}/task")
            .SelectMany(thread => File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(int.Parse);

    private static bool IsQemu(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Contains("qemu-system") && !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ");
        }
        catch (IOException)
        {
            return false;    // gone, or going
        }
    }

    private static int Await(Func<int> probe)
    {
        for (var since = Stopwatch.StartNew(); since.Elapsed < Limit; Thread.Sleep(20))
            if (probe() is > 0 and var found) return found;
        throw new TimeoutException("it did not happen in time");
    }
}
