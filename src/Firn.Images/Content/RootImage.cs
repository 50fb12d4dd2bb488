using Firn.Formats.SquashFs;
using Firn.Formats.Trees;
using Firn.Images.BlockCaches;
using Firn.Images.Building;
using Firn.Linux.Compression;

namespace Firn.Images.Content;

/// <summary>The root filesystem as squashfs, compressed on all cores.</summary>
internal static class RootImage
{
    public static SquashFsSuperblock Write(
        FileTree root, Stream image, SquashFsOptions options, BlockCache? cache, IProgress<BuildProgress>? progress,
        PreviousImage? previous = null)
    {
        var compressors = new List<ZstdCompressor>();
        try
        {
            return SquashFsWriter.Write(root, image, options, NewCompressor, progress is null ? null : new Relay(progress), previous);
        }
        finally
        {
            foreach (var compressor in compressors) compressor.Dispose();
        }

        BlockCompressor NewCompressor()
        {
            var compressor = new ZstdCompressor(options.Level);
            lock (compressors) compressors.Add(compressor);
            return cache?.Wrap(compressor.Compress) ?? compressor.Compress;
        }
    }

    /// <summary>Takes away the attributes that squashfs has no place for, and says which on what.</summary>
    public static IEnumerable<string> DropWhatSquashFsCannotHold(FileTree root)
    {
        var dropped = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (path, node) in root.Walk())
        {
            var kept = node.Attributes.RemoveAll(attribute => !SquashFsWriter.CanHold(attribute));
            foreach (var attribute in node.Attributes.Except(kept))
            {
                var name = attribute.Name.ToString();
                if (!dropped.TryGetValue(name, out var paths)) dropped[name] = paths = [];
                paths.Add($"/{path}");
            }
            node.Attributes = kept;
        }
        return dropped.Select(entry => entry.Value.Count == 1
            ? $"attribute {entry.Key} of {entry.Value[0]} is left out: squashfs cannot hold it"
            : $"attribute {entry.Key} of {entry.Value[0]} and {entry.Value.Count - 1} others is left out: squashfs cannot hold it");
    }

    private sealed class Relay(IProgress<BuildProgress> progress) : IProgress<SquashFsProgress>
    {
        public void Report(SquashFsProgress value) =>
            progress.Report(new("compress root image", value.DoneBytes, value.TotalBytes));
    }
}
