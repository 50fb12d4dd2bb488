using System.CommandLine;

namespace Firn.Cli.Commands.Update;

internal static class UpdateCommands
{
    public static Command Create(Wiring wiring) => new("update", "Install releases, and confirm or take them back")
    {
        UpdateCheckCommand.Create(wiring),
        UpdatePlanCommand.Create(wiring),
        UpdateInstallCommand.Create(wiring),
        UpdateStatusCommand.Create(wiring),
        UpdateConfirmCommand.Create(wiring),
        UpdateRollbackCommand.Create(wiring),
        UpdateHistoryCommand.Create(wiring),
    };
}
