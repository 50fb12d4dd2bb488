using System.CommandLine;

namespace Firn.Cli.Commands.Etc;

internal static class EtcCommands
{
    public static Command Create(Wiring wiring) => new("etc", "See and undo what this machine changed in /etc; carry it over to a new system")
    {
        EtcDiffCommand.Create(wiring),
        EtcConflictsCommand.Create(wiring),
        EtcResetCommand.Create(wiring),
        EtcCarryCommand.Create(),
    };
}
