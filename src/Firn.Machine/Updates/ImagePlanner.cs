using System.Collections.Immutable;
using Firn.Formats.Payloads;
using Firn.Formats.Releases;
using Firn.Linux.Block;
using Firn.Linux.Memory;

namespace Firn.Machine.Updates;

/// <summary>Decides for each block of an image where it comes from.</summary>
/// <param name="source">The release.</param>
/// <param name="canPatch">Whether there is memory for patches.</param>
/// <param name="limit">Of the network.</param>
/// <param name="origins">Told what indexes cost.</param>
internal sealed class ImagePlanner(IReleaseSource source, bool canPatch, RateLimit limit, OriginCount origins)
{
    /// <summary>So many blocks of a local source's image are looked at before all are.</summary>
    private const int Probes = 64;

    /// <param name="image">The image.</param>
    /// <param name="target">Where it will be written.</param>
    /// <param name="old">The image in the other slot, indexed when it is asked for; null if there is none that could be read.</param>
    /// <param name="progress">Told how far the comparison is.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<ImagePlan> MakeAsync(
        ReleaseImage image, IBlockDevice target, Func<OldSlotImage?> old, IProgress<long>? progress, CancellationToken cancellation)
    {
        if (image.Index is null) return new(image, null, null);
        // what is on a disk anyway need not be copied from another place of a disk
        var other = source.IsRemote ? old() : null;
        var patch = other is not null && canPatch ? await PackDownload.RunAsync(source, image, other, limit, origins, cancellation) : null;
        var index = patch?.Plan.Index ?? await IndexDownload.RunAsync(source, image, other?.Index, limit, origins, cancellation);
        if (index is null) return new(image, null, null);
        // all of it, from beside: what is read back proves it, and no byte is hashed twice
        if (!source.IsRemote && !HasAny(index.Blocks, target)) return new(image, index, null);
        var plan = index.Match(other is null ? [] : [new OldImage(other.Index)]);
        plan = plan with { Origins = Compare(plan, target, progress, cancellation) };
        return new(image, index, patch?.Apply(plan) ?? plan, other, patch);
    }

    /// <summary>
    /// What is where it belongs stays: from an earlier version, or from an installation that was broken off. That is found by
    /// reading the slot, which is the only journal that cannot be wrong (decision 0051).
    /// </summary>
    private ImmutableArray<BlockOrigin> Compare(BlockPlan plan, IBlockDevice target, IProgress<long>? progress, CancellationToken cancellation)
    {
        var compared = plan.Origins.ToBuilder();
        using var buffer = MappedMemory.Allocate(BlockCuts.LongestBytes);
        for (var i = 0; i < compared.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (IsThere(plan.Index.Blocks[i], target, buffer.Memory.Span)) compared[i] = new(BlockOriginKind.InPlace);
            progress?.Report(plan.Index.Blocks[i].End);
        }
        return compared.MoveToImmutable();
    }

    private static bool HasAny(ImmutableArray<IndexedBlock> blocks, IBlockDevice target)
    {
        using var buffer = MappedMemory.Allocate(BlockCuts.LongestBytes);
        var step = Math.Max(1, blocks.Length / Probes);
        for (var i = 0; i < blocks.Length; i += step)
            if (!blocks[i].IsZeros && IsThere(blocks[i], target, buffer.Memory.Span)) return true;
        return false;
    }

    private static bool IsThere(IndexedBlock block, IBlockDevice target, Span<byte> buffer)
    {
        if (block.Length > buffer.Length) return false;
        try
        {
            target.Read(block.Offset, buffer[..block.Length]);
            return block.Matches(buffer[..block.Length]);
        }
        catch (IOException)
        {
            return false;    // a sector that cannot be read is written, which is all that can heal it
        }
    }
}
