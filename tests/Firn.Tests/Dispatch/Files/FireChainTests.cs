using Firn.Dispatch.Files;
using Firn.Dispatch.Plans;
using Firn.Supervision.Units;

namespace Firn.Tests.Dispatch.Files;

public sealed class FireChainTests
{
    private const string Web = """
        units:
          web:
            fire: { root: /srv/web, cache: /var/cache/web, build: make -C /src }
            install: { run: 'cp -r %{cache} %{root}', check: ['test', '-e', '%{root}/web'] }
            setup: { run: web --setup }
            run: web --root %{root}
            ready: tcp:80
        """;

    [Fact]
    public void A_chain_becomes_units_each_of_which_needs_the_one_before()
    {
        var units = Read(Web);

        Assert.Equal(["web!build", "web!install@/srv/web|/var/cache/web", "web!run@/srv/web", "web!setup@/srv/web"], units.Keys);
        Assert.Equal("web!setup@/srv/web", units["web!run@/srv/web"].Value("requires"));
        Assert.Equal("web!install@/srv/web|/var/cache/web", units["web!setup@/srv/web"].Value("requires"));
        Assert.Equal("web!build", units["web!install@/srv/web|/var/cache/web"].Value("requires"));
        Assert.Equal("setup@/srv/web", units["web!setup@/srv/web"].Value("exclusive"));
        Assert.Equal(["web", "--root", "/srv/web"], UnitParser.Parse("web!run@/srv/web", units["web!run@/srv/web"], (_, problem) => Assert.Fail(problem)).Run);
    }

    [Fact]
    public void A_changed_install_restarts_and_a_changed_setup_reloads_what_runs()
    {
        var before = Read(Web);

        var installed = Deployment.Plan(before, Read(Web.Replace("cp -r", "cp -a")));
        var setUp = Deployment.Plan(before, Read(Web.Replace("--setup", "--setup --all")));

        Assert.Equal(["set-property", "try-restart web!install@/srv/web|/var/cache/web"], installed.Select(Short));
        Assert.Equal(["set-property", "try-reload-or-restart web!setup@/srv/web", "try-reload-or-restart web!run@/srv/web"], setUp.Select(Short));
    }

    [Fact]
    public void A_chain_without_a_root_is_wrong_on_its_line()
    {
        var problems = new List<UnitProblem>();

        UnitFile.Read("run: web\nfire: { build: make }\n", "web.yaml", "web", new(StringComparer.Ordinal), problems);

        Assert.Contains(problems, problem => problem.Line > 0 && problem.Message.Contains("fire.root is missing", StringComparison.Ordinal));
    }

    private static string Short(Firn.Supervision.Control.ControlRequest request) => request.Verb == "set-property" ? request.Verb : request.ToWords();

    private static SortedDictionary<string, UnitProperties> Read(string text)
    {
        var units = new SortedDictionary<string, UnitProperties>(StringComparer.Ordinal);
        var problems = new List<UnitProblem>();
        UnitFile.Read(text, "web.yaml", "web", units, problems);
        Assert.Empty(problems);
        return units;
    }
}
