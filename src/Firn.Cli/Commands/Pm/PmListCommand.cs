using System.CommandLine;
using System.Text.Json;
using Firn.Supervision.Control;
using Firn.Supervision.Homes;

namespace Firn.Cli.Commands.Pm;

internal static class PmListCommand
{
    public static Command Create()
    {
        var home = PmCommands.Home();
        var json = PmCommands.Json();
        var command = new Command("list", "List units and their states") { home, json };
        command.SetAction(parsed => Print(PmCommands.HomeOf(parsed.GetValue(home)), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, parsed.GetValue(json)));
        return command;
    }

    public static int Print(PmHome home, TextWriter output, TextWriter error, bool asJson) =>
        ControlClient.Ask(home, new("list", [], []), line => output.WriteLine(asJson ? line.GetRawText() : Line(line))).Finish(error);

    private static string Line(JsonElement unit) =>
        $"{unit.Text("unit"),-28} {unit.Text("state") + (unit.Text("failed").Length > 0 ? "!" : ""),-14} {unit.Text("pid"),8} {unit.Text("restarts"),4}  {unit.Text("description")}".TrimEnd();
}
