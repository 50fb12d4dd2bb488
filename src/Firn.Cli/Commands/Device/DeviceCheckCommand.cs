using System.CommandLine;

namespace Firn.Cli.Commands.Device;

internal static class DeviceCheckCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("path") { Description = "Files or directories of rules", Arity = ArgumentArity.OneOrMore };
        var command = new Command("check", "Report every problem of rules with its line") { paths };
        command.SetAction(parsed =>
        {
            var count = DeviceCommands.RuleSet(parsed.GetValue(paths)).Rules.Length;
            parsed.InvocationConfiguration.Output.WriteLine($"{count} {(count == 1 ? "rule" : "rules")}, no problem");
        });
        return command;
    }
}
