using System.CommandLine;
using Firn.Cli.Rendering;
using Firn.Images.BlockCaches;

namespace Firn.Cli.Commands.Cache;

internal static class CacheStatsCommand
{
    public static Command Create()
    {
        var directory = CacheCommands.DirectoryOption();
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("stats", "Show what the cache holds") { directory, json };
        command.SetAction(parsed => Result.Print(
            parsed.InvocationConfiguration.Output, CacheDirectory.Statistics(parsed.GetValue(directory)!.FullName),
            parsed.GetValue(json), ResultJson.Default.CacheStatistics, Lines));
        return command;
    }

    private static IEnumerable<string> Lines(CacheStatistics statistics)
    {
        yield return $"{statistics.Directory}: {statistics.Blocks} blocks in {statistics.Packs} packs";
        yield return $"  {Amount.OfBytes(statistics.SizeBytes)} on disk for {Amount.OfBytes(statistics.PlainBytes)} of content";
        if (statistics.Unfinished > 0) yield return $"  {statistics.Unfinished} packs are being written, or were left by a build that was killed";
    }
}
