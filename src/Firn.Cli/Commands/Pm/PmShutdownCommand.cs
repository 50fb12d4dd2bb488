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
        var halt = new Option<bool>("--halt") { Description = "Have the machine stand still and stay on, if the manager is its first process" };
        var command = new Command("shutdown", "Stop all units and the manager") { off, restart, halt, home };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(off) ? 1 : 0) + (result.GetValue(restart) ? 1 : 0) + (result.GetValue(halt) ? 1 : 0) > 1)
                result.AddError("--power-off, --restart and --halt exclude each other");
        });
        command.SetAction(parsed =>
        {
            var power = parsed.GetValue(off) ? Holder.PowerOff : parsed.GetValue(restart) ? Holder.Restart : parsed.GetValue(halt) ? Holder.Halt : null;
            return ControlClient.Ask(PmCommands.HomeOf(parsed.GetValue(home)), new("shutdown", [], power is null ? [] : [$"power={power}"]), _ => { })
                .Finish(parsed.InvocationConfiguration.Error);
        });
        return command;
    }
}
