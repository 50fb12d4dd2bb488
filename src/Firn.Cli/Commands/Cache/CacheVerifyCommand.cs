using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Images.BlockCaches;

namespace Firn.Cli.Commands.Cache;

internal static class CacheVerifyCommand
{
    public static Command Create()
    {
        var directory = CacheCommands.DirectoryOption();
        var repair = new Option<bool>("--repair") { Description = "Remove packs with damage" };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("verify", "Decompress every block and compare it with its name") { directory, repair, json };
        command.SetAction(parsed =>
        {
            var found = CacheDirectory.Verify(parsed.GetValue(directory)!.FullName, parsed.GetValue(repair));
            Result.Print(parsed.InvocationConfiguration.Output, found, parsed.GetValue(json), ResultJson.Default.CacheVerification, Lines);
            return found.DamagedPacks == 0 || parsed.GetValue(repair) ? 0 : ExitCode.Failed;
        });
        return command;
    }

    private static IEnumerable<string> Lines(CacheVerification found)
    {
        yield return found.DamagedPacks == 0
            ? $"{found.Blocks} blocks are good"
            : $"{found.Damaged} of {found.Blocks} blocks are damaged, in {found.DamagedPacks} packs";
    }
}
