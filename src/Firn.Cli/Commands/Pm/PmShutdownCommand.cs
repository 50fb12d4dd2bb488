using System.CommandLine;
using Firn.Supervision.Control;
using Firn.Supervision.Holding;

namespace Firn.Cli.Commands.Pm;

internal static class PmShutdownCommand
{
    public static Command Create()
    {
        var home = PmCommands.Home();
        var off = new Option<bool>("--power-off") { Description = "Switch the machine off, if the manager is its first process" };
        var restart = new Option<bool>("--restart") { Description = "Restart the machine, if the manager is its first process" };
        var command = new Command("shutdown", "Stop all units and the manager") { off, restart, home };
        command.Validators.Add(result =>
        {
            if (result.GetValue(off) && result.GetValue(restart)) result.AddError("--power-off and --restart exclude each other");
        });
        command.SetAction(parsed =>
        {
            var power = parsed.GetValue(off) ? Holder.PowerOff : parsed.GetValue(restart) ? Holder.Restart : null;
            return ControlClient.Ask(PmCommands.HomeOf(parsed.GetValue(home)), new("shutdown", [], power is null ? [] : [$"power={power}"]), _ => { })
                .Finish(parsed.InvocationConfiguration.Error);
        });
        return command;
    }
}
