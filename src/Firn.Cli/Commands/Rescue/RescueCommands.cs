using System.CommandLine;

namespace Firn.Cli.Commands.Rescue;

internal static class RescueCommands
{
    public static Command Create(Wiring wiring) => new("rescue", "What the rescue system does, when it runs because nothing else can")
    {
        RescueWaitCommand.Create(wiring),
    };
}
