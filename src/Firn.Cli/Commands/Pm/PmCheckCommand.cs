using System.CommandLine;
using Firn.Dispatch.Files;
using Firn.Dispatch.Plans;
using Firn.Supervision.Units;

namespace Firn.Cli.Commands.Pm;

internal static class PmCheckCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("path") { Description = "Files or directories of units", Arity = ArgumentArity.OneOrMore };
        var command = new Command("check", "Report every problem of units with its line") { paths };
        command.SetAction(parsed =>
        {
            var units = Read(parsed.GetValue(paths)!);
            parsed.InvocationConfiguration.Output.WriteLine($"{units.Count} {(units.Count == 1 ? "unit" : "units")}, no problem");
        });
        return command;
    }

    /// <exception cref="UnitException">Something is wrong.</exception>
    public static SortedDictionary<string, UnitProperties> Read(IReadOnlyList<string> paths)
    {
        var problems = new List<UnitProblem>();
        var places = new UnitPlaces();
        var units = UnitFile.Read(paths, problems, places);
        problems.AddRange(UnitRelations.Check(units, places, paths[0]));
        return problems.Count == 0 ? units : throw new UnitException(problems);
    }
}
