using System.CommandLine;
using System.Text;
using System.Text.Json;
using Firn.Supervision.Control;

namespace Firn.Cli.Commands.Pm;

/// <summary>The far end of a remote: a request as a line of JSON comes in, the manager's lines go out.</summary>
internal static class PmAskCommand
{
    private const string Below = "manager=";

    public static Command Create()
    {
        var home = PmCommands.Home();
        var command = new Command("ask", "Take one request in JSON from the input, and print the manager's lines: for scripts, and for remotes") { home };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var result = Answer(new(parsed.GetValue(home)), line => output.WriteLine(line.GetRawText()));
            output.Write(Encoding.UTF8.GetString(ControlReply.End(result.Exit, result.Message)));
            return result.Exit;
        });
        return command;
    }

    private static ControlResult Answer(PmManagers managers, Action<JsonElement> line)
    {
        try
        {
            var request = ControlRequest.ParseJson(Encoding.UTF8.GetBytes(Console.In.ReadLine() ?? ""));
            string? below = null;
            var properties = new List<string>();
            foreach (var property in request.Properties)
                if (request.Units.Count == 0 && property.StartsWith(Below, StringComparison.Ordinal)) below = property[Below.Length..];
                else properties.Add(property);
            return request.Units.Count == 0 ? managers.AskAll(below, request with { Properties = properties }, line) : managers.Ask(request, line);
        }
        catch (InvalidDataException error)
        {
            return new(ExitCode.WrongUsage, error.Message);
        }
        catch (IOException error)
        {
            return new(ExitCode.For(error) ?? ExitCode.Failed, error.Message);
        }
    }
}
