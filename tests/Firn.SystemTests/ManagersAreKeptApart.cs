using System.Diagnostics;
using System.Globalization;
using Firn.Supervision.Homes;

namespace Firn.SystemTests;

/// <summary>Managers below managers for real: one with a root of its own, in that one with namespaces of its own, and one of another user.</summary>
public sealed class ManagersAreKeptApart : IDisposable
{
    private readonly PmHome _home = new(Directory.CreateTempSubdirectory("pm-apart-").FullName);

    /// <summary>Beside it: what is in a manager's home is for its owner.</summary>
    private string Own => $"{_home.Path}-own";

    private static string Firn => Path.Combine(AppContext.BaseDirectory, "firn");

    [Fact]
    public void Each_sees_what_it_is_given_is_reached_by_its_address_and_loses_nothing_when_those_above_it_are_killed()
    {
        HostTool.RequireRoot();
        Write("wanted/all.yaml", $$"""
            units:
              root: { type: subroot, subroot: { where: {{At("root")}}, parts: 'bin sbin lib lib64 usr {{AppContext.BaseDirectory.Trim('/')}}' } }
              inner: { type: pm, requires: [root], root: {{At("root")}}, pm: { kind: chroot_rootpm, home: /pm, units: /wanted, program: {{Firn}} } }
              own: { type: pm, user: nobody, pm: { home: {{Own}}, units: {{Own}}/wanted, program: {{Firn}} } }
            """);
        Write("root/wanted/all.yaml", $$"""
            units:
              a: { run: sleep 1000, ready: settle(10ms) }
              jail: { type: pm, pm: { kind: jail_rootpm, home: /jail, units: /jail-wanted, program: {{Firn}} } }
            """);
        Write("root/jail-wanted/b.yaml", "run: sh -c 'readlink /proc/self > /jail-seen; exec sleep 1000'\nready: settle(10ms)\n");
        Write($"{Own}/wanted/c.yaml", "run: sleep 1000\nready: settle(10ms)\n");
        HostTool.Run("chown", "-R", "nobody", Own);
        string[] main = [Firn, "pm", "main", "--home", _home.Path, "--units", At("wanted")];
        // mounts are shared, as systemd has them
        using var first = Process.Start("unshare", ["--mount", "sh", "-c", "mount --make-rshared / && exec \"$0\" \"$@\"", .. main])!;
        Wait("inner.a", "inner.jail.b", "own.c");
        var (a, c, inner) = (MainOf(At("root/pm"), "a"), MainOf(Own, "c"), MainOf(_home.Path, "inner"));

        // what the kernel says of them
        Assert.Equal(At("root"), HostTool.Run("readlink", $"/proc/{a}/root").Trim());
        Assert.Contains("65534", File.ReadAllLines($"/proc/{c}/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.InRange(int.Parse(File.ReadAllText(At("root/jail-seen")), CultureInfo.InvariantCulture), 2, 1000);    // numbers of its own
        var b = InJail().Single(pid => Command(pid) == "sleep 1000");
        Assert.NotEqual(HostTool.Run("readlink", $"/proc/{a}/ns/pid"), HostTool.Run("readlink", $"/proc/{b}/ns/pid"));

        // all above are killed, and come again
        HostTool.Run("kill", "-KILL", $"{first.Id}", HostTool.Run("pgrep", "-f", $"[p]m-manager {_home.Path} ").Trim());
        first.WaitForExit();
        using var second = Process.Start("nsenter", [$"--mount=/proc/{inner}/ns/mnt", .. main])!;
        Wait("inner", "own", "inner.jail.b");
        Assert.Equal((inner, a, c, b), (MainOf(_home.Path, "inner"), MainOf(At("root/pm"), "a"), MainOf(Own, "c"), InJail().Single(pid => Command(pid) == "sleep 1000")));

        // by its address
        HostTool.Run(Firn, "pm", "stop", "inner.jail.b", "--home", _home.Path);
        Assert.DoesNotContain(InJail(), pid => Command(pid) == "sleep 1000");
        Assert.Contains("STOPPED", HostTool.Run(Firn, "pm", "list", "inner.jail", "--home", _home.Path), StringComparison.Ordinal);

        // and all in order
        HostTool.Run(Firn, "pm", "shutdown", "--home", _home.Path);
        Assert.True(second.WaitForExit(TimeSpan.FromSeconds(60)), "it ends");
        Assert.Equal(0, second.ExitCode);
        Assert.DoesNotContain(Processes(), pid => Command(pid).Contains(_home.Path, StringComparison.Ordinal) || new FileInfo($"/proc/{pid}/root").LinkTarget == At("root"));
        Assert.All((int[])[inner, a, c], pid => Assert.Equal("", Command(pid)));    // whoever reaps it now
    }

    public void Dispose()
    {
        foreach (var pid in Processes().Where(pid => Command(pid).Contains(_home.Path, StringComparison.Ordinal) || new FileInfo($"/proc/{pid}/root").LinkTarget == At("root")))
            HostTool.TryRun("kill", "-KILL", $"{pid}");
        Directory.Delete(_home.Path, recursive: true);
        Directory.Delete(Own, recursive: true);
    }

    /// <summary>Processes in namespaces of processes that are not ours, below the root of the inner manager.</summary>
    private IEnumerable<int> InJail() => Processes().Where(pid => new FileInfo($"/proc/{pid}/root").LinkTarget == At("root")
        && new FileInfo($"/proc/{pid}/ns/pid").LinkTarget is { } space && space != new FileInfo("/proc/self/ns/pid").LinkTarget);

    private static IEnumerable<int> Processes() => Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture));

    private static string Command(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").TrimEnd('\0').Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static int MainOf(string home, string unit) => int.Parse(File.ReadAllText(new PmHome(home).Unit(unit) + "/main"), CultureInfo.InvariantCulture);

    private void Wait(params string[] units)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(60); Thread.Sleep(200))
            if (HostTool.Succeeds(Firn, ["pm", "is-active", .. units, "--home", _home.Path])) return;
        Assert.Fail($"in vain: {string.Join(' ', units)}");
    }

    private string At(string path) => Path.Combine(_home.Path, path);

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
    }
}
