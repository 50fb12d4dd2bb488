using System.Diagnostics;
using Firn.Linux.Processes;

namespace Firn.Tests.Linux.Processes;

public sealed class TetheredProcessTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Output_and_exit_code_are_those_of_the_program()
    {
        using var process = TetheredProcess.Start("sh", ["-c", "echo \"$1\"; echo error >&2; cat; exit 7", "sh", "it's $HOME"]);

        Assert.True(process.WaitForExit(Limit, Cancellation));
        Assert.Equal(7, process.ExitCode);
        Assert.Equal("it's $HOME\nerror\n", process.Output);
    }

    [Fact]
    public void A_program_that_is_not_there_ends_at_once_and_says_so()
    {
        using var process = TetheredProcess.Start("/nonexistent/program", []);

        Assert.True(process.WaitForExit(Limit, Cancellation));
        Assert.Equal(127, process.ExitCode);
        Assert.Contains("/nonexistent/program", process.Output);
    }

    [Fact]
    public void It_runs_where_and_with_what_it_is_told()
    {
        using var process = TetheredProcess.Start("sh", ["-c", "pwd; echo $word"], "/usr", new Dictionary<string, string> { ["word"] = "yes" });

        Assert.True(process.WaitForExit(Limit, Cancellation));
        Assert.Equal("/usr\nyes\n", process.Output);
    }

    [Fact]
    public void A_descendant_that_holds_the_output_open_is_not_waited_for()
    {
        var since = Stopwatch.StartNew();
        using var process = TetheredProcess.Start("sh", ["-c", "echo done; sleep 60 &"]);

        Assert.True(process.WaitForExit(Limit, Cancellation));
        Assert.Equal("done\n", process.Output);
        Assert.True(since.Elapsed < Limit);
    }

    [Fact]
    public void Disposing_kills_it()
    {
        int id;
        using (var process = TetheredProcess.Start("sleep", ["60"])) id = process.Id;

        Assert.False(Directory.Exists($"/proc/{id}"));
    }

    [Fact]
    public void Only_the_last_of_a_long_output_is_kept()
    {
        using var process = TetheredProcess.Start("sh", ["-c", "seq 1 200000"]);

        Assert.True(process.WaitForExit(Limit, Cancellation));
        Assert.Equal(256 << 10, process.Output.Length);
        Assert.EndsWith("\n200000\n", process.Output);
    }

    [Fact]
    public void A_missing_tool_is_named_with_its_package()
    {
        var error = Assert.Throws<FileNotFoundException>(() => new HostTool("no-such-tool", "its-package").Locate());

        Assert.Equal("no-such-tool: not found in PATH; on Debian: apt-get install its-package", error.Message);
    }
}
