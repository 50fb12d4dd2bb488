using System.Security.Cryptography;
using Firn.Formats.SquashFs;
using Firn.Images.BlockCaches;
using Firn.Images.Building;
using Firn.Images.Content;
using Firn.Images.Recipes;
using Firn.Linux.Compression;
using Firn.Linux.Files;

namespace Firn.Images.RootImages;

/// <summary>Source → squashfs image: the same bytes for the same source, options and zstd.</summary>
public static class SquashBuilder
{
    /// <exception cref="InvalidDataException">The source is damaged, or has what squashfs has no place for.</exception>
    /// <exception cref="IOException">Something cannot be read or written; no image was made.</exception>
    public static SquashResult Build(SquashRequest request, IProgress<BuildProgress>? progress = null)
    {
        using var spool = new SpoolArea(Path.GetDirectoryName(Path.GetFullPath(request.Output))!);
        Step("read source");
        var tree = SquashSource.Load(request.Source, request.Kind, request.Tag, spool, Step);
        var warnings = RootImage.DropWhatSquashFsCannotHold(tree).ToList();
        var nodes = tree.Walk().Select(entry => entry.Node).Prepend(tree.Root);
        using var previous = request.Previous is { } path ? SquashImage.Open(path) : null;
        var options = new SquashFsOptions
        {
            Level = request.Level ?? previous?.Reader.ZstdLevel ?? RecipeSquashFs.DefaultLevel,
            BlockSizeBytes = request.BlockBytes ?? previous?.Superblock.BlockSizeBytes ?? RecipeSquashFs.DefaultBlockBytes,
            Threads = request.Threads,
            Order = request.SortFile is { } sortFile ? SortFile.Read(sortFile, tree, warnings) : null,
            ModifiedSeconds = request.ModifiedSeconds ?? RootSource.EnvironmentEpoch()
                ?? Math.Clamp(nodes.Max(node => node.ModifiedSeconds), 0, uint.MaxValue),
        };
        var layout = request.IsCompact ? null : previous?.Layout(options, spool);

        using var image = NewFile.Create(request.Output);
        CacheUse? cached = null;
        SquashFsSuperblock superblock;
        var cache = OpenCache(request, options);
        using (cache)
        {
            superblock = RootImage.Write(tree, image.Stream, options, cache, progress, layout);
            if (cache is not null) cached = new(cache.Counts.Hits, cache.Counts.Misses);
        }
        if (cache?.Warning is { } warning) warnings.Add(warning);
        var hash = request.IsHashed ? Hash(image.Stream) : null;
        image.Publish();
        var contentBytes = nodes.Distinct().Sum(node => node.Content.SizeBytes);
        return new(
            request.Output, superblock.PaddedBytes, hash, contentBytes, superblock.InodeCount, options.Level, options.BlockSizeBytes,
            Zstd.Version, cached, layout?.Reuse, [.. warnings]);

        string Hash(Stream written)
        {
            Step("hash image");
            written.Position = 0;
            return Convert.ToHexStringLower(SHA256.HashData(written));
        }

        void Step(string step) => progress?.Report(new(step));
    }

    private static BlockCache? OpenCache(SquashRequest request, SquashFsOptions options) => request.CacheDirectory is { } directory
        ? new(directory, options.Level, options.BlockSizeBytes, request.CacheLimitBytes)
        : null;
}
