using System.CommandLine;

namespace Firn.Cli.Commands.Boot;

internal static class BootSetCommand
{
    public static Command Create(Wiring wiring)
    {
        var slot = BootCommands.Slot("Slot to boot from now on");
        var disk = BootCommands.Disk();
        var json = BootCommands.Json();
        var command = new Command("set", "Make a slot the confirmed one, once all of it has been checked") { slot, disk, json };
        command.SetAction((parsed, cancellation) =>
        {
            BootShowCommand.Print(
                parsed,
                wiring.BootControl(parsed.GetValue(disk)?.FullName).Set(parsed.GetValue(slot), cancellation),
                parsed.GetValue(json));
            return Task.CompletedTask;
        });
        return command;
    }
}
