using System.Collections.Immutable;
using Firn.Formats.Payloads;
using Firn.Formats.Releases;
using Firn.Formats.SquashFs;
using Firn.Images.Building;
using Firn.Images.Content;
using Firn.Linux.Compression;
using Firn.Linux.Files;

namespace Firn.Images.Deltas;

/// <summary>A release whose files can be read.</summary>
/// <param name="Manifest">What it is.</param>
/// <param name="PathOf">Where a file of it is.</param>
public sealed record ReleaseOnDisk(ReleaseManifest Manifest, Func<string, string> PathOf);

/// <summary>A pack that was made, or was in the cache.</summary>
/// <param name="FromVersion">Of the older release.</param>
/// <param name="Image">File name of the image that it makes.</param>
/// <param name="SizeBytes">Of the pack.</param>
/// <param name="FetchBytes">What a device would fetch without it.</param>
/// <param name="IsKept">False if that is not more.</param>
public sealed record DeltaReport(string FromVersion, string Image, long SizeBytes, long FetchBytes, bool IsKept);

/// <summary>Makes the packs of a release from older ones. What was made once is kept in a directory.</summary>
/// <param name="cacheDirectory">For packs, by the images that they are for.</param>
/// <param name="threads">That compare and compress.</param>
public sealed class ReleaseDeltas(string cacheDirectory, int threads)
{
    /// <param name="release">The new one.</param>
    /// <param name="old">Older ones.</param>
    /// <param name="progress">Told what is done.</param>
    /// <param name="cancellation">Ends it; what is finished stays in the cache.</param>
    /// <returns>The manifest that names the packs, where those are by name, and what was done.</returns>
    /// <exception cref="InvalidDataException">A release has no index, or a file of it is damaged.</exception>
    public (ReleaseManifest Manifest, ImmutableDictionary<string, string> Packs, ImmutableArray<DeltaReport> Reports) Make(
        ReleaseOnDisk release, IReadOnlyList<ReleaseOnDisk> old, IProgress<BuildProgress>? progress, CancellationToken cancellation)
    {
        var packs = ImmutableDictionary.CreateBuilder<string, string>();
        var reports = ImmutableArray.CreateBuilder<DeltaReport>();
        var manifest = release.Manifest with { Root = WithDeltas(manifest => manifest.Root), Boot = WithDeltas(manifest => manifest.Boot) };
        return (manifest, packs.ToImmutable(), reports.DrainToImmutable());

        ReleaseImage WithDeltas(Func<ReleaseManifest, ReleaseImage> choose)
        {
            var target = choose(release.Manifest);
            var deltas = new List<ReleaseDelta>(target.Deltas ?? []);
            foreach (var before in old)
            {
                var image = choose(before.Manifest);
                if (image.Sha256 == target.Sha256 || deltas.Exists(delta => delta.FromSha256 == image.Sha256)) continue;
                var name = $"{target.File}.from-{before.Manifest.Version}.pack";
                var (path, fetchBytes) = MakePack(before.PathOf, image, release.PathOf, target, Named(progress, name), cancellation);
                var bytes = File.ReadAllBytes(path);
                reports.Add(new(before.Manifest.Version, target.File, bytes.Length, fetchBytes, bytes.Length < fetchBytes));
                if (bytes.Length >= fetchBytes) continue;
                deltas.Add(new(before.Manifest.Version, image.Sha256, ReleaseFile.Of(name, bytes, PackHead.Read(bytes).SizeBytes)));
                packs[name] = path;
            }
            return target with { Deltas = deltas.Count > 0 ? [.. deltas] : null };
        }
    }

    private (string Path, long FetchBytes) MakePack(
        Func<string, string> oldPathOf, ReleaseImage oldImage, Func<string, string> newPathOf, ReleaseImage newImage,
        IProgress<BuildProgress>? progress, CancellationToken cancellation)
    {
        using var oldFile = File.OpenHandle(oldPathOf(oldImage.File));
        using var newFile = File.OpenHandle(newPathOf(newImage.File));
        var (old, _) = Open(new OpenFile(oldFile), oldPathOf, oldImage);
        var (target, encoder) = Open(new OpenFile(newFile), newPathOf, newImage);
        var fetchBytes = target.Index.Match([new(old.Index)]).Bytes(BlockOriginKind.Fetch);
        var key = $"{BlockHash.Of(old.Index.ToBytes()).ToString()[..32]}-{BlockHash.Of(target.Index.ToBytes()).ToString()[..32]}-{encoder.Split(' ')[^1]}";
        var path = Path.Combine(cacheDirectory, $"{key}.pack");
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(cacheDirectory);
            DurableFile.Replace(path, new PackBuilder(old, target, Codecs, encoder).Build(threads, progress, cancellation));
        }
        return (path, fetchBytes);
    }

    /// <summary>What this machine compresses and decompresses with.</summary>
    public static PatchCodecs Codecs { get; } = new(
        () =>
        {
            var decompressor = new ZstdDecompressor();
            return new(decompressor.Decompress, decompressor);
        },
        name => ZstdEncoder.TryOpen(name) is { } encoder ? new(encoder.Compress, encoder) : null,
        PackedFiles.Unpack, PackedFiles.Pack);

    /// <summary>With the encoder that has compressed it; nothing in a boot image is compressed as a block.</summary>
    private static (PackImage Image, string Encoder) Open(OpenFile bytes, Func<string, string> pathOf, ReleaseImage image)
    {
        if (image.Index is null) throw new InvalidDataException($"{image.File}: has no block index, so there can be no patches; build the release again");
        var index = BlockIndex.Read(File.ReadAllBytes(pathOf(image.Index.File)));
        if (index.ImageBytes != image.SizeBytes || bytes.SizeBytes != image.SizeBytes)
            throw new InvalidDataException($"{image.File}: has {bytes.SizeBytes} bytes, its index {index.ImageBytes}, its manifest {image.SizeBytes}");
        Span<byte> magic = stackalloc byte[4];
        bytes.Read(0, magic);
        if (!magic.SequenceEqual("hsqs"u8)) return (PackImage.OfFat(bytes, index), "none");
        var reader = SquashFsReader.Open(bytes, () => new ZstdDecompressor().Decompress);
        return (PackImage.OfSquashFs(bytes, index, reader), ZstdEncoder.NameOf(reader.ZstdLevel));
    }

    private static Renamed? Named(IProgress<BuildProgress>? progress, string name) => progress is null ? null : new(progress, name);

    private sealed class Renamed(IProgress<BuildProgress> progress, string name) : IProgress<BuildProgress>
    {
        public void Report(BuildProgress value) => progress.Report(value with { Step = $"{name}: {value.Step}" });
    }
}
