using System.CommandLine;
using Firn.Settings.Reset;

namespace Firn.Cli.Commands.Data;

internal static class DataEraseCommand
{
    public static Command Create()
    {
        var data = new Option<DirectoryInfo>("--data") { Description = "Where the data partition is mounted", HelpName = "DIRECTORY", Required = true };
        var command = new Command("erase", "What the initramfs runs after 'data reset'") { data };
        command.SetAction(parsed =>
        {
            var result = new FactoryReset(parsed.GetValue(data)!.FullName).Run();
            parsed.InvocationConfiguration.Output.WriteLine($"{result.Erased} files and directories erased, {result.Kept.Length} kept");
        });
        return command;
    }
}
