using System.CommandLine;
using Firn.Supervision.Control;

namespace Firn.Cli.Commands.Pm;

/// <summary>The verbs that name units and wait until the manager is done with them: they differ by their name.</summary>
internal static class PmVerbCommand
{
    public static Command Create(string verb, string description)
    {
        var names = new Argument<string[]>("unit")
        {
            Description = verb is "start" or "restart" or "set-property" ? "Names of units, and KEY=VALUE for their parameters" : "Names of units",
            Arity = ArgumentArity.OneOrMore,
        };
        var noBlock = new Option<bool>("--no-block") { Description = "Do not wait until it is done" };
        var timeout = new Option<double?>("--timeout") { Description = "Seconds to wait at most; then the exit code is 124", HelpName = "SECONDS" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Say nothing on the way" };
        var home = PmCommands.Home();
        var json = PmCommands.Json();
        var command = new Command(verb, description) { names, noBlock, timeout, quiet, home, json };
        command.SetAction(parsed =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var units = new List<string>();
            var properties = new List<string>();
            foreach (var word in parsed.GetValue(names)!)
                if (units.Count > 0 && word.Contains('=', StringComparison.Ordinal)) properties.Add(word);
                else units.Add(word);
            var request = new ControlRequest(verb, units, properties, !parsed.GetValue(noBlock));
            var (isQuiet, asJson) = (parsed.GetValue(quiet), parsed.GetValue(json));
            var managers = new PmManagers(parsed.GetValue(home));
            using var deadline = new PmDeadline(parsed.GetValue(timeout));
            return deadline.Run(() => managers.Ask(request, line =>
            {
                if (asJson) output.WriteLine(line.GetRawText());
                else if (!isQuiet) error.WriteLine(Describe(line.Text("progress"), line.Text("state"), line.Text("reason"), line.Text("notice")));
            }).Finish(error), error);
        });
        return command;
    }

    private static string Describe(string unit, string state, string reason, string notice) =>
        $"{unit}: {state}{(reason.Length > 0 ? $" ({reason})" : "")}{(notice.Length > 0 ? $": {notice}" : "")}";
}
