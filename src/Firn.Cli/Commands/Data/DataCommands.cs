using System.CommandLine;

namespace Firn.Cli.Commands.Data;

internal static class DataCommands
{
    public static Command Create(Wiring wiring) => new("data", "Look after the data partition")
    {
        DataPrepareCommand.Create(),
        DataResetCommand.Create(wiring),
        DataEraseCommand.Create(),
    };
}
