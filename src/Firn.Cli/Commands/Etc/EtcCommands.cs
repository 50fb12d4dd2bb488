using System.CommandLine;

namespace Firn.Cli.Commands.Etc;

internal static class EtcCommands
{
    public static Command Create() => new("etc", "Carry this machine's settings over to a new system")
    {
        EtcCarryCommand.Create(),
    };
}
