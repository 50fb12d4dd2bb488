using System.CommandLine;
using System.Text.Json;

namespace Firn.Cli.Commands.Pm;

internal static class PmListCommand
{
    public static Command Create()
    {
        var home = PmCommands.Home();
        var json = PmCommands.Json();
        var manager = PmCommands.Manager();
        var command = new Command("list", "List units and their states") { manager, home, json };
        command.SetAction(parsed =>
        {
            var (output, asJson) = (parsed.InvocationConfiguration.Output, parsed.GetValue(json));
            return new PmManagers(parsed.GetValue(home))
                .AskAll(parsed.GetValue(manager), new("list", [], []), line => output.WriteLine(asJson ? line.GetRawText() : Line(line)))
                .Finish(parsed.InvocationConfiguration.Error);
        });
        return command;
    }

    private static string Line(JsonElement unit) =>
        $"{unit.Text("unit"),-28} {unit.Text("state") + (unit.Text("failed").Length > 0 ? "!" : ""),-14} {unit.Text("pid"),8} {unit.Text("restarts"),4}  {unit.Text("description")}".TrimEnd();
}
