using System.CommandLine;

namespace Firn.Cli.Commands.Pm;

internal static class PmKillCommand
{
    public static Command Create()
    {
        var units = PmCommands.Units();
        var signal = new Option<string>("--signal", "-s") { Description = "Such as HUP or 10", DefaultValueFactory = _ => "TERM", HelpName = "SIGNAL" };
        var home = PmCommands.Home();
        var command = new Command("kill", "Send a signal to the main process of units") { units, signal, home };
        command.SetAction(parsed => new PmManagers(parsed.GetValue(home)).Ask(
            new("kill", parsed.GetValue(units)!, [$"signal={parsed.GetValue(signal)}"]), _ => { })
            .Finish(parsed.InvocationConfiguration.Error));
        return command;
    }
}
