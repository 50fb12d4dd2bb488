using System.CommandLine;
using Firn.Dispatch.Files;
using Firn.Dispatch.Plans;
using Firn.Supervision.Units;

namespace Firn.Cli.Commands.Pm;

internal static class PmCheckCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("path") { Description = "Files, directories or URLs of units", Arity = ArgumentArity.OneOrMore };
        var command = new Command("check", "Report every problem of units with its line") { paths };
        command.SetAction(parsed =>
        {
            var units = Read(parsed.GetValue(paths)!);
            parsed.InvocationConfiguration.Output.WriteLine($"{units.Count} {(units.Count == 1 ? "unit" : "units")}, no problem");
        });
        return command;
    }

    /// <param name="others">Units that stand beside them, by name and text.</param>
    /// <exception cref="UnitException">Something is wrong.</exception>
    public static SortedDictionary<string, UnitProperties> Read(IReadOnlyList<string> paths, params IEnumerable<(string Name, string Text)> others) =>
        Read(new UnitSources(paths), others);

    /// <exception cref="UnitException">Something is wrong.</exception>
    public static SortedDictionary<string, UnitProperties> Read(UnitSources sources, params IEnumerable<(string Name, string Text)> others)
    {
        var problems = new List<UnitProblem>();
        var places = new UnitPlaces();
        var units = sources.Read(problems, places);
        foreach (var (name, text) in others) UnitFile.Read(text, $"{name}.yaml of Firn itself", name, units, problems, places);
        problems.AddRange(UnitRelations.Check(units, places, sources.First));
        return problems.Count == 0 ? units : throw new UnitException(problems);
    }
}
