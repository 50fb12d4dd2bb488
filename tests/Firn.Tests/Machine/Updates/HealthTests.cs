using System.Diagnostics;
using Firn.Machine.Updates;

namespace Firn.Tests.Machine.Updates;

public sealed class HealthTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _directory = Directory.CreateTempSubdirectory("firn-health-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Script(string name, string body, bool isExecutable = true)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        if (isExecutable) Process.Start("chmod", ["+x", path]).WaitForExit();
        return path;
    }

    [Fact]
    public void Checks_run_in_order_until_one_fails()
    {
        Script("10-first", $"echo 1 >> {_directory}/trace.log");
        Script("30-third", $"echo 3 >> {_directory}/trace.log");
        Script("20-second", $"echo 2 >> {_directory}/trace.log; echo starting; echo disk is full >&2; exit 4");
        Script("05-old.firn-new", "exit 1");
        Script(".hidden", "exit 1");
        Script("06-editor~", "exit 1");
        Script("07-data", "exit 1", isExecutable: false);

        var result = Assert.IsType<HealthResult.Unhealthy>(new DirectoryHealth(_directory, Limit).Run(Limit));

        Assert.Contains("20-second ended with exit code 4", result.Reason);
        Assert.Contains("disk is full", result.Reason);
        Assert.Equal(["1", "2"], File.ReadAllLines(Path.Combine(_directory, "trace.log")));
    }

    [Fact]
    public void No_directory_and_no_checks_are_nothing_to_fail()
    {
        Assert.IsType<HealthResult.NotApplicable>(new DirectoryHealth(_directory, Limit).Run(Limit));
        Assert.IsType<HealthResult.NotApplicable>(new DirectoryHealth(_directory + "/none", Limit).Run(Limit));
        Script("10-good", "true");
        Assert.IsType<HealthResult.Healthy>(new DirectoryHealth(_directory, Limit).Run(Limit));
    }

    [Fact]
    public void A_check_that_hangs_is_ended()
    {
        Script("10-hangs", "echo waiting; sleep 60");

        var result = new DirectoryHealth(_directory, TimeSpan.FromSeconds(1)).Run(Limit);

        Assert.Matches("10-hangs did not end within 1 s: waiting", Assert.IsType<HealthResult.Unhealthy>(result).Reason);
    }

    [Fact]
    public void A_check_that_cannot_be_started_is_a_failure()
    {
        File.CreateSymbolicLink(Path.Combine(_directory, "10-dangling"), "/no/such/program");

        Assert.Contains("10-dangling", Assert.IsType<HealthResult.Unhealthy>(new DirectoryHealth(_directory, Limit).Run(Limit)).Reason);
    }

    [Theory]
    [InlineData("echo running", null)]
    [InlineData("if [ $1 = is-system-running ]; then echo degraded; exit 1; fi; echo 'web.service loaded failed failed Web'; echo 'db.service loaded failed failed Db'", "failed units: web.service, db.service")]
    [InlineData("echo maintenance; exit 1", "system is maintenance")]
    [InlineData("if [ $1 = is-system-running ]; then echo starting; else echo '42 slow.service start running'; fi", "still starting")]
    public void Systemd_is_asked(string systemctl, string? expected)
    {
        var health = new SystemdHealth(_directory, Script("systemctl.sh", systemctl), TimeSpan.FromMilliseconds(50));

        var result = health.Run(TimeSpan.FromMilliseconds(300));

        if (expected is null) Assert.IsType<HealthResult.Healthy>(result);
        else Assert.Contains(expected, Assert.IsType<HealthResult.Unhealthy>(result).Reason);
    }

    [Fact]
    public void Systemd_is_waited_for_while_it_starts()
    {
        var health = new SystemdHealth(
            _directory,
            Script("systemctl.sh", $"echo x >> {_directory}/asked; if [ $(wc -l < {_directory}/asked) -lt 3 ]; then echo starting; exit 1; else echo running; fi"),
            TimeSpan.FromMilliseconds(20));

        Assert.IsType<HealthResult.Healthy>(health.Run(Limit));
    }

    [Fact]
    public void A_system_without_systemd_says_so()
    {
        var health = new SystemdHealth(_directory + "/none", "systemctl", TimeSpan.FromSeconds(1));

        Assert.IsType<HealthResult.NotApplicable>(health.Run(Limit));
    }
}
