using System.Diagnostics;
using Firn.Formats.Releases;
using Firn.Linux.Block;
using Firn.Machine.Boot;

namespace Firn.Machine.Updates;

/// <summary>
/// Brings the two images of a release into the partitions of a slot: first the root image, then the boot image, and nothing
/// counts before it has been read back.
/// </summary>
/// <param name="source">The release.</param>
/// <param name="release">What it consists of.</param>
/// <param name="target">The slot that is written; its boot image seen awake.</param>
/// <param name="other">The slot that stays, to take blocks from; null if it holds nothing.</param>
/// <param name="options">How.</param>
/// <param name="keeper">Where indexes are kept.</param>
/// <param name="rate">Where the network's speed is kept.</param>
/// <param name="progress">Told what is done.</param>
internal sealed class ReleaseTransfer(
    IReleaseSource source, ReleaseManifest release, SlotDevices target, SlotDevices? other,
    InstallOptions options, SlotIndexes keeper, TransferRate rate, IProgress<InstallProgress>? progress)
{
    private readonly RateLimit _limit = new(options.BytesPerSecond);
    private readonly OriginCount _origins = new();

    /// <summary>Where the bytes came from, so far.</summary>
    public ByteOrigins Origins => _origins.Total;

    /// <summary>Whether the partitions hold exactly this release, by all of their bytes on the medium.</summary>
    public bool Holds(CancellationToken cancellation)
    {
        target.Boot.DropCache();    // what an interrupted process left in memory only does not count
        target.Root.DropCache();
        return Holds(target.Boot, release.Boot, cancellation) && Holds(target.Root, release.Root, cancellation);
    }

    /// <summary>Reads indexes and slots, and writes nothing.</summary>
    public async Task<UpdatePlan> PlanAsync(CancellationToken cancellation)
    {
        var (root, boot) = await PlanImagesAsync(cancellation);
        var (rootReport, bootReport) = (root.Report(), boot.Report());
        var bytes = rootReport.SourceBytes + bootReport.SourceBytes + Origins.Source;
        return new(
            release.Name, release.Version, source.Name, bytes, rootReport.Requests + bootReport.Requests + _origins.Requests,
            source.IsRemote && rate.Read() is { } known ? Math.Round(bytes / known, 1) : null, rootReport, bootReport);
    }

    /// <param name="putToSleep">Called before the first byte is written.</param>
    /// <param name="cancellation">Leaves what was written so far.</param>
    public async Task RunAsync(Action putToSleep, CancellationToken cancellation)
    {
        var (root, boot) = await PlanImagesAsync(cancellation);
        // what is taken whole is asked for before the first byte is written: a missing file costs the idle slot nothing
        await RequireAsync(root, cancellation);
        await RequireAsync(boot, cancellation);

        putToSleep();
        var (began, before) = (Stopwatch.GetTimestamp(), Origins.Source);
        await WriteAsync(root, target.Root, (InstallStep.WriteRoot, InstallStep.VerifyRoot), cancellation);
        await WriteAsync(boot, target.Boot, (InstallStep.WriteBoot, InstallStep.VerifyBoot), cancellation);
        if (source.IsRemote) rate.Keep(Origins.Source - before, Stopwatch.GetElapsedTime(began));
        foreach (var image in new[] { root, boot })
            if (image.Index is { } index) keeper.Keep(image.Image.Sha256, index.ToBytes());
    }

    private async Task<ReleasePlan> PlanImagesAsync(CancellationToken cancellation)
    {
        var planner = new ImagePlanner(source, options.CanPatch, _limit, _origins);
        var root = await planner.MakeAsync(
            release.Root, target.Root, () => other is { Release: { } old } ? keeper.OfRoot(other.Root, old) : null,
            Step(InstallStep.Compare, release.Root), cancellation);
        var boot = await planner.MakeAsync(
            release.Boot, target.Boot, () => other is null ? null : keeper.OfBoot(other.Boot, cancellation), Step(InstallStep.Compare, release.Boot), cancellation);
        return new(root, boot);
    }

    private sealed record ReleasePlan(ImagePlan Root, ImagePlan Boot);

    private async Task RequireAsync(ImagePlan plan, CancellationToken cancellation)
    {
        if (plan.Blocks is null) await (await source.OpenAsync(plan.Image, cancellation)).DisposeAsync();
    }

    private async Task WriteAsync(
        ImagePlan plan, IBlockDevice device, (InstallStep Write, InstallStep Verify) steps, CancellationToken cancellation)
    {
        var image = plan.Image;
        var bufferBytes = Math.Max(options.ChunkBytes, plan.LongestBlockBytes + 2 * DirectAlignment.Bytes & -DirectAlignment.Bytes);
        using var readBack = new ReadBack(device, image.SizeBytes, options.ChunkBytes, cancellation);
        await using var writer = new SlotImageWriter(device, bufferBytes, readBack.Advance);
        if (plan.Blocks is not null)
        {
            await new IndexedImage(source, plan, device, _limit, _origins).WriteAsync(writer, Step(steps.Write, image), cancellation);
        }
        else
        {
            await using var body = await source.OpenAsync(image, cancellation);
            await WholeImage.WriteAsync(body, image, writer, _limit, Step(steps.Write, image), _origins, cancellation);
        }
        var found = readBack.Finish(Step(steps.Verify, image));
        if (found == image.Sha256) return;
        if (!readBack.Sum.IsSameAs(writer.Sum)) throw new IOException($"{device.Name}: other bytes were read back than were written; the medium is failing");
        throw plan.Blocks is null
            ? new InvalidDataException($"{image.File} has SHA-256 {found}, its manifest says {image.Sha256}")
            : source.WrongBytes(image.Index!.File, $"describes another image than {image.File}");
    }

    private bool Holds(IBlockDevice device, ReleaseImage image, CancellationToken cancellation) =>
        DeviceHash.Sha256(device, image.SizeBytes, Step(InstallStep.Compare, image), cancellation) == image.Sha256;

    private IProgress<long>? Step(InstallStep step, ReleaseImage image) =>
        progress is null ? null : new StepProgress(progress, step, image.SizeBytes, _origins);

    private sealed class StepProgress(IProgress<InstallProgress> progress, InstallStep step, long totalBytes, OriginCount origins) : IProgress<long>
    {
        public void Report(long doneBytes) => progress.Report(new(step, doneBytes, totalBytes, origins.Total));
    }
}
