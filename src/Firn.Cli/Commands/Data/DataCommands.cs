using System.CommandLine;

namespace Firn.Cli.Commands.Data;

internal static class DataCommands
{
    public static Command Create() => new("data", "Look after the data partition")
    {
        DataPrepareCommand.Create(),
    };
}
