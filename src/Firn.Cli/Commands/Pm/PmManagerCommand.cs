using System.CommandLine;
using Firn.Supervision.Control;

namespace Firn.Cli.Commands.Pm;

/// <summary>Verbs for the manager as a whole.</summary>
internal static class PmManagerCommand
{
    public static Command Create(string verb, string description)
    {
        var home = PmCommands.Home();
        var command = new Command(verb, description) { home };
        command.SetAction(parsed =>
            ControlClient.Ask(PmCommands.HomeOf(parsed.GetValue(home)), new(verb, [], []), _ => { }).Finish(parsed.InvocationConfiguration.Error));
        return command;
    }
}
