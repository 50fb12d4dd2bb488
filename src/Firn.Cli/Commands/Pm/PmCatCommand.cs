using System.CommandLine;

namespace Firn.Cli.Commands.Pm;

/// <summary>Verbs whose answer is a text of the manager.</summary>
internal static class PmCatCommand
{
    public static Command Create(string verb, string description)
    {
        var units = PmCommands.Units();
        var home = PmCommands.Home();
        var command = new Command(verb, description) { units, home };
        command.SetAction(parsed => new PmManagers(parsed.GetValue(home)).Ask(
            new(verb, parsed.GetValue(units)!, []),
            line => parsed.InvocationConfiguration.Output.Write(line.Text("text"))).Finish(parsed.InvocationConfiguration.Error));
        return command;
    }
}
