using System.Diagnostics;

namespace Firn.SystemTests;

/// <summary>The published firn under faketime: who looks after a repository, who mirrors it, and clocks that are wrong.</summary>
public sealed class ClocksAreSetBackAndForth : IDisposable
{
    private const int Fine = 0, Untrusted = 4, ExpiresSoon = 6;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Around_the_expiry_of_a_timestamp()
    {
        // given a repository of 1 March 2027, whose timestamp lives for a week
        string[] keys = ["--repo", _directory["updates"], "--keys", _directory["keys"]];
        Firn("2027-03-01 12:00:00", Fine, "repo", "init", _directory["updates"], "--keys", _directory["keys"], "--no-passphrase", "--publish-to", _directory["web"]);
        Firn("2027-03-01 12:00:00", Fine, ["repo", "delegate", "stable", "--no-passphrase", .. keys]);
        Firn("2027-03-01 12:00:00", Fine, ["repo", "publish", .. keys]);
        var root = _directory["updates/metadata/1.root.json"];
        string[] mirror = ["repo", "mirror", _directory["web"], _directory["copy"], "--root", root];

        // then everybody believes it for that week, to the second, and nobody after it
        Firn("2027-03-01 12:00:05", Fine, ["repo", "status", .. keys]);
        Firn("2027-03-06 13:00:00", ExpiresSoon, ["repo", "status", .. keys]);
        Firn("2027-03-08 11:59:00", Fine, "repo", "verify", _directory["web"]);
        Assert.Contains("timestamp: version 1 expired on 2027-03-08 12:00:0", Firn("2027-03-08 12:01:00", Untrusted, "repo", "verify", _directory["web"]));
        Assert.Contains("3 days ago: the repository is not being looked after, or news is held back", Firn("2027-03-11 13:00:00", Untrusted, mirror));
        Assert.False(File.Exists(_directory["copy/metadata/timestamp.json"]));
        Assert.Contains("EXPIRED", Firn("2027-03-11 13:00:00", Untrusted, ["repo", "status", .. keys]));

        // when the clock is set back, it is good again for whoever remembers nothing: only machines remember (RepositoryVerbsTests)
        Firn("2027-03-05 12:00:00", Fine, mirror);
        Firn("1971-01-01 00:00:00", Fine, "repo", "verify", _directory["web"]);

        // when it is signed anew, it is good from then on, also for a clock that is behind
        Firn("2027-03-11 13:00:00", Fine, ["repo", "resign", "--timestamp-only", .. keys]);
        Firn("2027-03-11 13:00:05", Fine, mirror);
        Firn("2027-03-18 12:59:00", Fine, "repo", "verify", _directory["copy"]);
        Firn("2027-03-18 13:01:00", Untrusted, "repo", "verify", _directory["copy"]);

        // when a publisher's clock is behind, what it signs would be refused everywhere: that is told, and nothing published
        var before = File.ReadAllBytes(_directory["web/metadata/timestamp.json"]);
        Assert.Contains("timestamp: would expire on 1971-01-08", Firn("1971-01-01 00:00:00", 3, ["repo", "resign", "--timestamp-only", .. keys]));
        Assert.Equal(before, File.ReadAllBytes(_directory["web/metadata/timestamp.json"]));
    }

    private static string Firn(string time, int expected, params string[] arguments)
    {
        var start = new ProcessStartInfo("faketime", ["-f", $"@{time}", Repository.MachineProgram, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["TZ"] = "UTC", ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1" },    // time goes on from there; waiting is real
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd() + error.Result;
        process.WaitForExit();
        Assert.True(process.ExitCode == expected, $"{time}: firn {string.Join(' ', arguments)}: exit code {process.ExitCode}, expected {expected}\n{output}");
        return output;
    }
}
