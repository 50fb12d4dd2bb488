using System.CommandLine;
using Firn.Dispatch.Plans;

namespace Firn.Cli.Commands.Pm;

internal static class PmGraphCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("path") { Description = "Files or directories of units (default: those of the manager)", Arity = ArgumentArity.ZeroOrMore };
        var svg = new Option<bool>("--svg") { Description = "As a picture" };
        var home = PmCommands.Home();
        var command = new Command("graph", "Draw what units need and wait for") { paths, svg, home };
        command.SetAction(parsed =>
        {
            var units = parsed.GetValue(paths) is { Length: > 0 } given ? PmCheckCommand.Read(given) : Deployment.Read(PmCommands.HomeOf(parsed.GetValue(home)));
            var layers = UnitLayers.Of(units);
            parsed.InvocationConfiguration.Output.Write(parsed.GetValue(svg) ? GraphDrawing.Svg(units, layers) : GraphDrawing.Text(units, layers));
        });
        return command;
    }
}
