using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Firn.Formats.Agents;

namespace Firn.Cli.Commands.Pm;

internal static class PmStatusCommand
{
    public static Command Create()
    {
        var units = PmCommands.Units(isOptional: true);
        var home = PmCommands.Home();
        var json = PmCommands.Json();
        var command = new Command("status", "Show all that is known of units; the exit code is 3 if one does not run") { units, home, json };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            return new PmManagers(parsed.GetValue(home)).Ask(new("status", parsed.GetValue(units)!, []), line =>
            {
                if (parsed.GetValue(json)) output.WriteLine(line.GetRawText());
                else Print(output, line);
            }).Finish(parsed.InvocationConfiguration.Error);
        });
        return command;
    }

    private static void Print(TextWriter output, JsonElement unit)
    {
        var description = unit.Text("description");
        output.WriteLine($"{unit.Text("unit")}{(description.Length > 0 ? $" - {description}" : "")}");
        var reason = unit.Text("reason");
        output.WriteLine($"  state     {unit.Text("state")}{(reason.Length > 0 ? $" ({reason})" : "")}{(unit.Text("failed").Length > 0 ? ", failed" : "")}, goal {unit.Text("goal")}{Since(unit)}");
        Line("pid", unit.Text("pid") + (unit.Text("adopted").Length > 0 ? ", adopted from an earlier manager" : ""));
        Line("exit", unit.Text("code").Length == 0 ? "" : unit.Text("code") + (unit.Text("signal") is { Length: > 0 } signal ? $" (SIG{signal})" : ""));
        Line("restarts", unit.Text("restarts"));
        Line("starts", unit.Text("starts"));
        Line("failures", unit.Text("failures"));
        Line("next", unit.Text("nextStartInMs") is { Length: > 0 } next ? $"start in {next} ms" : "");
        Line("job", unit.Text("job"));
        Line("masked", unit.Text("masked"));
        Line("says", unit.Text("status"));
        Line("problem", unit.Text("problem"));
        Line("notice", unit.Text("notice"));

        void Line(string name, string value)
        {
            if (value.Length > 0) output.WriteLine($"  {name,-10}{value}");
        }
    }

    private static string Since(JsonElement unit) =>
        long.TryParse(unit.Text("sinceMs"), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? $", for {Duration.Text(TimeSpan.FromMilliseconds(milliseconds))}" : "";
}
