using Firn.Dispatch.Files;
using Firn.Supervision.Units;
using FsCheck;
using FsCheck.Fluent;

namespace Firn.Tests.Dispatch.Files;

public sealed class UnitFileTests
{
    private const string Example = """
        description: a web server
        run: /usr/bin/web --listen "a b"
        startPre:
          - mkdir -p /run/web
          - [chown, web, /run/web]
        ready: tcp:8080
        restart: always
        requires: [database]
        environment:
          MODE: production
        limits:
          memoryMax: 64M
          openFiles: 4096
        stopSignal: INT
        stopTimeout: 500ms
        """;

    [Fact]
    public void A_unit_says_what_it_is()
    {
        var (units, problems) = Read(Example, "web");
        var unit = UnitParser.Parse("web", units["web"], (key, problem) => Assert.Fail($"{key}: {problem}"));

        Assert.Empty(problems);
        Assert.Equal(["/usr/bin/web", "--listen", "a b"], unit.Run);
        Assert.Equal([["mkdir", "-p", "/run/web"], ["chown", "web", "/run/web"]], unit.StartPre);
        Assert.Equal(new Readiness(ReadyKind.Tcp, Number: 8080), unit.Ready);
        Assert.Equal((RestartPolicy.Always, 2, 500), (unit.Restart, unit.StopSignal, unit.StopTimeout));
        Assert.Equal(["database"], unit.Requires);
        Assert.Equal(["MODE=production"], unit.Environment);
        Assert.Equal(["memoryMax=64M", "openFiles=4096"], unit.Limits);
    }

    [Theory]
    [InlineData("run: x\nrestrat: always\n", 2, "did you mean 'restart'?")]
    [InlineData("run: x\nready: maybe\n", 2, "ready cannot be 'maybe'; expected settle")]
    [InlineData("description: nothing\n", 0, "run is missing")]
    [InlineData("run: 'sh -c \"x'\n", 1, "its quotes closed")]
    [InlineData("run: x\nlimits:\n  memmory: 3\n", 3, "limits has no 'memmory'")]
    [InlineData("run: x\nstopTimeout: soon\n", 2, "expected a time such as")]
    [InlineData("run: x\nrequires: ['a b', 'c;d']\n", 2, "names of units")]
    [InlineData("run: x\nready: pidfile\n", 2, "there is no pidFile")]
    [InlineData("units:\n  'a b': { run: x }\n", 2, "cannot be called 'a b'")]
    [InlineData("- run\n", 1, "must be keys with values")]
    [InlineData("run: [\n", 2, "this is not YAML")]
    public void Every_problem_is_reported_with_its_line(string text, int line, string message)
    {
        var (_, problems) = Read(text, "unit");

        Assert.Contains(problems, problem => problem.Line == line && problem.Message.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public void An_instance_is_its_template_with_its_own_name_and_parameters()
    {
        var (units, problems) = Read("run: serve %i --port %{port} %n 100%%\nparameter:\n  port: 80\n", "web@");
        var own = units["web@"].Copy();
        own.Set("parameter.port", "81");

        var unit = UnitParser.Parse("web@blue", own, (_, problem) => Assert.Fail(problem));

        Assert.Empty(problems);
        Assert.Equal(["serve", "blue", "--port", "81", "web@blue", "100%"], unit.Run);
    }

    [Fact]
    public void A_unit_survives_its_table()
    {
        var properties = Read(Example, "web").Units["web"];
        properties.Add("description", "two\nlines");

        Assert.Equal(properties.ToString(), UnitProperties.Parse(properties.ToString()).ToString());
        Assert.Equal("two\nlines", UnitProperties.Parse(properties.ToString()).Value("description"));
    }

    [Fact]
    public void Words_survive_joining() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Elements("a", "b c", "", "'", "\"", "\\", "$x", "a'b\"c\\ d").ListOf().ToArbitrary(),
        words => Assert.Equal(words, CommandWords.Split(CommandWords.Join(words)))));

    [Fact]
    public void Damage_is_reported_or_harmless()
    {
        var changes = Gen.ArrayOf(Gen.Zip(Gen.Choose(0, Example.Length - 1), Gen.Elements('\0', '\n', ':', '-', '[', '{', '"', '%', '@', ' ', '9'))).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(changes, list =>
        {
            var text = Example.ToCharArray();
            foreach (var (at, c) in list) text[at] = c;
            Read(new(text), "web");
        }));
    }

    private static (SortedDictionary<string, UnitProperties> Units, List<UnitProblem> Problems) Read(string text, string name)
    {
        var units = new SortedDictionary<string, UnitProperties>(StringComparer.Ordinal);
        var problems = new List<UnitProblem>();
        UnitFile.Read(text, "f.yaml", name, units, problems);
        return (units, problems);
    }
}
