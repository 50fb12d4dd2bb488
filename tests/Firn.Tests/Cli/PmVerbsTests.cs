using System.Text;
using Firn.Cli.Commands.Pm;
using Firn.Dispatch.Files;
using Firn.Tests.Formats;

namespace Firn.Tests.Cli;

public sealed class PmVerbsTests
{
    [Fact]
    public void Units_come_from_the_web_too_and_their_mistakes_are_told_with_address_and_line()
    {
        using var scratch = new ScratchDirectory();
        var mine = scratch.Write("mine.yaml", "run: /bin/mine\nrequires: [web]\n"u8);
        using var server = new TestServer(request => request.Path switch
        {
            "/web.yaml" => TestServer.Ok("run: /bin/web\n"u8.ToArray()),
            "/wrong.yaml" => TestServer.Ok("run: /bin/web\nreddy: notify\n"u8.ToArray()),
            "/binary.yaml" => TestServer.Ok([0xff, 0xfe, 0]),
            "/endless.yaml" => TestServer.Ok(new byte[UnitFile.MaximumBytes + 1]),
            _ => TestServer.NotFound,
        });

        Assert.Equal((0, "set-property mine exec.run=/bin/mine requires=web\nset-property web exec.run=/bin/web\nstart mine web\n"), Run("plan", mine, $"{server.Address}web.yaml"));
        Assert.Equal((1, $"{server.Address}wrong.yaml:2: unknown key 'reddy'; did you mean 'ready'?\n"), Run("check", $"{server.Address}wrong.yaml"));
        Assert.Equal((1, $"{server.Address}binary.yaml: this is not UTF-8 text\n"), Run("check", $"{server.Address}binary.yaml"));
        Assert.Contains("longer than the", Run("check", $"{server.Address}endless.yaml").Output);
        Assert.Contains($"{server.Address}gone.yaml", Run("check", $"{server.Address}gone.yaml").Output);

        (int Code, string Output) Run(string verb, params string[] sources) =>
            FirnProcess.Run([], ["pm", verb, .. sources, .. verb == "plan" ? (string[])["--home", scratch.File("home")] : []]);
    }

    [Fact]
    public void What_is_changed_is_seen_by_comparison_with_what_was_read()
    {
        var text = "run: /bin/web\n";
        using var server = new TestServer(_ => TestServer.Ok(Encoding.UTF8.GetBytes(text)));
        using var scratch = new ScratchDirectory();
        var sources = new UnitSources([scratch.Write("a.yaml", "run: a\n"u8), $"{server.Address}web.yaml"]);
        sources.Read([]);

        Assert.Equal((false, false), (sources.HaveFilesChanged(), sources.HasWebChanged()));
        text = "run: /bin/web --port 81\n";
        scratch.Write("a.yaml", "run: another\n"u8);
        Assert.Equal((true, true), (sources.HaveFilesChanged(), sources.HasWebChanged()));
        sources.Read([]);
        Assert.Equal((false, false), (sources.HaveFilesChanged(), sources.HasWebChanged()));
    }

    [Fact]
    public void A_first_process_runs_what_is_right()
    {
        using var scratch = new ScratchDirectory();
        string[] files = [scratch.Write("a.yaml", "run: a\n"u8), scratch.Write("b.yaml", "rum: b\n"u8), scratch.Write("c.yaml", "units: { a: { run: again }, d: { run: d } }"u8)];
        var problems = new List<UnitProblem>();
        UnitFile.Read([scratch.Path], problems);

        var units = PmMainCommand.WhatIsRight([scratch.Path], problems);

        Assert.Equal(["a"], units.Keys);
        Assert.Equal([files[1], files[2]], problems.Select(problem => problem.File).Distinct());
    }
}
