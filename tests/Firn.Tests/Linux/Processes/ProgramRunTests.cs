using System.Diagnostics;
using Firn.Linux.Processes;

namespace Firn.Tests.Linux.Processes;

public sealed class ProgramRunTests
{
    private static ProgramResult Shell(string script, int seconds = 20) =>
        ProgramRun.Run("/bin/sh", ["-c", script], TimeSpan.FromSeconds(seconds));

    [Fact]
    public void Exit_code_and_output_are_reported()
    {
        var result = Shell("echo out; echo err >&2; exit 3");

        Assert.Equal(3, result.ExitCode);
        Assert.False(result.Succeeded);
        Assert.Contains("out\n", result.Output);
        Assert.Contains("err\n", result.Output);
    }

    [Fact]
    public void A_program_that_takes_too_long_is_killed_with_its_children()
    {
        var clock = Stopwatch.StartNew();

        var result = Shell("echo begun; sleep 100 & wait", seconds: 1);

        Assert.True(result.TimedOut);
        Assert.Contains("begun", result.Output);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.9, 15);
    }

    [Fact]
    public void A_child_left_behind_with_the_output_open_does_not_hold_us_up()
    {
        var clock = Stopwatch.StartNew();

        Assert.True(Shell("sleep 15 & echo done").Succeeded);

        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 12);
    }

    [Fact]
    public void Of_much_output_only_the_end_is_kept()
    {
        var result = Shell("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo last");

        Assert.EndsWith("x\nlast\n", result.Output);
        Assert.InRange(result.Output.Length, 1000, 20000);
    }

    [Fact]
    public void A_program_that_does_not_exist_is_named() =>
        Assert.Contains("/no/such/thing", Assert.Throws<FileNotFoundException>(
            () => ProgramRun.Run("/no/such/thing", [], TimeSpan.FromSeconds(1))).Message);
}
