using System.CommandLine;

namespace Firn.Cli.Commands.Key;

internal static class KeyCommands
{
    public static Command Create(Wiring wiring) => new("key", "Make, list and replace the keys that sign a repository")
    {
        KeyNewCommand.Create(),
        KeyListCommand.Create(wiring),
        KeyRotateCommand.Create(wiring),
    };
}
