using System.CommandLine;

namespace Firn.Cli.Commands.Boot;

internal static class BootTryCommand
{
    public static Command Create(Wiring wiring)
    {
        var slot = BootCommands.Slot("Slot to boot next, on trial");
        var tries = BootCommands.Tries("1");
        var disk = BootCommands.Disk();
        var json = BootCommands.Json();
        var command = new Command("try", "Boot a slot on trial; if it is not confirmed, the confirmed one boots again")
        {
            slot, tries, disk, json,
        };
        command.SetAction(parsed => BootShowCommand.Print(
            parsed,
            wiring.BootControl(parsed.GetValue(disk)?.FullName).Try(parsed.GetValue(slot), parsed.GetValue(tries) ?? 1),
            parsed.GetValue(json)));
        return command;
    }
}
