using System.CommandLine;
using Firn.Cli.Commands.Image;
using Firn.Cli.Rendering;
using Firn.Images.BlockCaches;

namespace Firn.Cli.Commands.Cache;

internal static class CachePruneCommand
{
    public static Command Create()
    {
        var directory = CacheCommands.DirectoryOption();
        var limit = new Option<long>("--limit")
        {
            Description = "What may stay (default 10G; 0 for nothing)",
            CustomParser = ImageSquashCommand.ParseSize,
            DefaultValueFactory = _ => CacheDirectory.DefaultLimitBytes,
        };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("prune", "Remove what was unused for longest until the rest fits") { directory, limit, json };
        command.SetAction(parsed =>
        {
            var pruned = CacheDirectory.Prune(parsed.GetValue(directory)!.FullName, parsed.GetValue(limit));
            if (pruned.RefusedPacks > 0)
                parsed.InvocationConfiguration.Error.WriteLine($"warning: {pruned.RefusedPacks} packs that had to go stay: they are other users', who alone can remove them");
            Result.Print(parsed.InvocationConfiguration.Output, pruned, parsed.GetValue(json), ResultJson.Default.CachePruning, Lines);
        });
        return command;
    }

    private static IEnumerable<string> Lines(CachePruning pruned) =>
        [$"removed {pruned.RemovedPacks} packs of {Amount.OfBytes(pruned.RemovedBytes)}; {Amount.OfBytes(pruned.SizeBytes)} stay"];
}
