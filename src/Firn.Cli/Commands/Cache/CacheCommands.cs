using System.CommandLine;
using Firn.Images.BlockCaches;

namespace Firn.Cli.Commands.Cache;

internal static class CacheCommands
{
    public static Command Create() => new("cache", "Look after the cache of compressed blocks")
    {
        CacheStatsCommand.Create(),
        CachePruneCommand.Create(),
        CacheVerifyCommand.Create(),
    };

    public static Option<DirectoryInfo> DirectoryOption() => new("--cache")
    {
        Description = "The cache's directory",
        DefaultValueFactory = _ => new(CacheDirectory.Default),
    };
}
