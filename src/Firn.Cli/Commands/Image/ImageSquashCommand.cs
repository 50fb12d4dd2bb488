using System.CommandLine;
using System.CommandLine.Parsing;
using System.Numerics;
using Firn.Cli.Rendering;
using Firn.Formats.SquashFs;
using Firn.Images.BlockCaches;
using Firn.Images.Recipes;
using Firn.Images.RootImages;

namespace Firn.Cli.Commands.Image;

internal static class ImageSquashCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "A tar archive (- for standard input), a directory, an OCI image or a squashfs image" };
        var output = new Argument<FileInfo>("out") { Description = "The squashfs image to write" };
        var kind = new Option<SourceKind?>("--source-kind") { Description = "What the source is, when it should not be looked at" };
        var tag = new Option<string?>("--tag") { Description = "The image to take from an OCI layout" };
        var level = new Option<int?>("--level") { Description = $"zstd level, 1 to 22 (default {RecipeSquashFs.DefaultLevel})", CustomParser = ParseLevel };
        var block = new Option<int?>("--block") { Description = $"Block size, 4K to 1M (default {RecipeSquashFs.DefaultBlockBytes >> 10}K)", CustomParser = ParseBlock };
        var previous = new Option<FileInfo?>("--previous") { Description = "An earlier image: what did not change keeps its place and bytes" };
        var compact = new Option<bool>("--compact") { Description = "Lay everything out anew, with the level and blocks of --previous" };
        var sort = new Option<FileInfo?>("--sort") { Description = "Paths, one a line, of files whose content comes first" };
        var cache = new Option<DirectoryInfo?>("--cache") { Description = "Keep compressed blocks in this directory between builds; 'firn cache' looks after it" };
        var limit = new Option<long>("--cache-limit") { Description = "What the cache may have when the build is done (default 10G)", CustomParser = ParseSize, DefaultValueFactory = _ => CacheDirectory.DefaultLimitBytes };
        var threads = new Option<int>("--threads") { Description = "Threads that compress (default: one for each processor)", CustomParser = WholeNumber.ParseThreads, DefaultValueFactory = _ => Environment.ProcessorCount };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        var command = new Command("squash", "Make a squashfs image of a tar archive, a directory or an OCI image")
        { source, output, kind, tag, level, block, previous, compact, sort, cache, limit, threads, json };
        command.SetAction(parsed =>
        {
            var request = new SquashRequest
            {
                Source = parsed.GetValue(source)!,
                Kind = parsed.GetValue(kind),
                Tag = parsed.GetValue(tag),
                Output = parsed.GetValue(output)!.FullName,
                Level = parsed.GetValue(level),
                BlockBytes = parsed.GetValue(block),
                Previous = parsed.GetValue(previous)?.FullName,
                IsCompact = parsed.GetValue(compact),
                SortFile = parsed.GetValue(sort)?.FullName,
                CacheDirectory = parsed.GetValue(cache)?.FullName,
                CacheLimitBytes = parsed.GetValue(limit),
                Threads = parsed.GetValue(threads),
                IsHashed = parsed.GetValue(json),
            };
            using var progress = ProgressLine.OnStandardError();
            var result = SquashBuilder.Build(request, new BuildProgressLine(progress));
            progress.Dispose();
            foreach (var warning in result.Warnings) parsed.InvocationConfiguration.Error.WriteLine($"warning: {warning}");
            Result.Print(parsed.InvocationConfiguration.Output, result, parsed.GetValue(json), ResultJson.Default.SquashResult, Lines);
        });
        return command;
    }

    private static IEnumerable<string> Lines(SquashResult result)
    {
        yield return $"{result.Path}: {Amount.OfBytes(result.SizeBytes)} from {Amount.OfBytes(result.ContentBytes)} "
            + $"in {result.Inodes} inodes, zstd {result.ZstdVersion} level {result.Level}, blocks of {result.BlockBytes >> 10}K";
        if (result.Layout is { } layout)
            yield return $"  {Amount.OfBytes(layout.KeptBytes)} stayed in place, {Amount.OfBytes(layout.MovedBytes)} moved, {Amount.OfBytes(layout.NewBytes)} are new; "
                + $"{Amount.OfBytes(layout.GapBytes)} lie between, {Amount.OfBytes(layout.DeadBytes)} in shared blocks are unused";
        if (result.Cached is { } cached) yield return $"  {cached.Hits} blocks from the cache, {cached.Misses} compressed";
    }

    private static int? ParseLevel(ArgumentResult argument) =>
        int.TryParse(argument.Tokens[0].Value, out var level) && level is >= 1 and <= 22
            ? level : Wrong(argument, "a level from 1 to 22");

    private static int? ParseBlock(ArgumentResult argument) =>
        ByteSize.TryParse(argument.Tokens[0].Value, out var bytes) && BitOperations.IsPow2(bytes)
            && bytes is >= SquashFsOptions.MinimumBlockSizeBytes and <= SquashFsOptions.MaximumBlockSizeBytes
            ? (int)bytes : Wrong(argument, "a power of two from 4K to 1M");

    internal static long ParseSize(ArgumentResult argument) =>
        ByteSize.TryParse(argument.Tokens[0].Value, out var bytes) ? bytes : Wrong(argument, "a size such as 500M or 10G") ?? 0;

    private static int? Wrong(ArgumentResult argument, string expected)
    {
        argument.AddError($"{argument.Tokens[0].Value}: expected {expected}");
        return null;
    }
}
