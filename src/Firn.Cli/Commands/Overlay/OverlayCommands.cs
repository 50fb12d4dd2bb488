using System.CommandLine;

namespace Firn.Cli.Commands.Overlay;

internal static class OverlayCommands
{
    public static Command Create(Wiring wiring) => new("overlay", "Make a generic image into this machine: pack, sign and apply overlays")
    {
        OverlayPackCommand.Create(),
        OverlaySignCommand.Create(wiring),
        OverlayEncryptCommand.Create(),
        OverlayKeyCommand.Create(),
        OverlayInspectCommand.Create(wiring),
        OverlayPlanCommand.Create(),
        OverlayApplyCommand.Create(wiring),
    };
}
