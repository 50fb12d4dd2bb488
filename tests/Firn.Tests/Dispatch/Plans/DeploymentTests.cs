using Firn.Dispatch.Files;
using Firn.Dispatch.Plans;
using Firn.Supervision.Units;

namespace Firn.Tests.Dispatch.Plans;

public sealed class DeploymentTests
{
    [Fact]
    public void The_plan_is_the_commands_that_lead_from_here_to_there()
    {
        var present = Units("units: { gone: { run: a }, same: { run: b }, exec: { run: c }, soft: { run: d, setup: { file: x } }, live: { run: e } }");
        var wanted = Units("units: { same: { run: b }, exec: { run: c2 }, soft: { run: d, setup: { file: y } }, live: { run: e, restart: always }, new: { run: 'f g', after: [same] }, off: { run: h, enabled: false } }");

        var plan = Deployment.Plan(present, wanted).SelectMany(Deployment.Lines);

        Assert.Equal(
        [
            "stop gone", "remove gone",
            "set-property exec exec.run=c2", "set-property live restart=always", "set-property new after=same 'exec.run=f g'",
            "set-property off enabled=false exec.run=h", "set-property soft setup.file=y",
            "try-restart exec", "try-reload-or-restart soft", "start new",
        ], plan);
        Assert.Empty(Deployment.Plan(wanted, wanted));
    }

    [Fact]
    public void Long_commands_are_cut_between_keys()
    {
        var wanted = Units($"units: {{ a: {{ run: x, description: {new string('d', 3000)}, environment: {{ A: {new string('e', 3000)} }} }} }}");

        var lines = Deployment.Plan(new(StringComparer.Ordinal), wanted).SelectMany(Deployment.Lines).ToList();

        Assert.All(lines, line => Assert.True(line.Length < 4096));
        Assert.Equal(4, lines.Count);
    }

    [Fact]
    public void Loops_and_missing_units_are_named_with_their_lines()
    {
        var places = new UnitPlaces();
        var units = Units("units:\n  a: { run: x, requires: [b] }\n  b: { run: x, after: [c] }\n  c:\n    run: x\n    requires: [a, nobody]\n", places);

        var problems = UnitRelations.Check(units, places, "f");

        Assert.Contains(new UnitProblem("f", 2, "units wait for each other: a → b → c → a"), problems);
        Assert.Contains(new UnitProblem("f", 6, "unit c requires nobody, and there is no such unit"), problems);
    }

    [Fact]
    public void The_graph_has_a_layer_after_each_need()
    {
        var units = Units("units: { a: { run: x }, b: { run: x, requires: [a] }, c: { run: x, after: [b], wants: [a] } }");

        Assert.Equal([["a"], ["b"], ["c"]], UnitLayers.Of(units));
        Assert.Equal("  1  a\n  2  b  requires a\n  3  c  wants a  after b\n", GraphDrawing.Text(units, UnitLayers.Of(units)));
        System.Xml.Linq.XDocument.Parse(GraphDrawing.Svg(units, UnitLayers.Of(units)));
    }

    private static SortedDictionary<string, UnitProperties> Units(string text, UnitPlaces? places = null)
    {
        var units = new SortedDictionary<string, UnitProperties>(StringComparer.Ordinal);
        var problems = new List<UnitProblem>();
        UnitFile.Read(text, "f", "f", units, problems, places);
        Assert.Empty(problems);
        return units;
    }
}
