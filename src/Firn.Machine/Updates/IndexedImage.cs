using Firn.Formats.Payloads;
using Firn.Formats.Releases;
using Firn.Linux.Block;

namespace Firn.Machine.Updates;

/// <summary>
/// Puts an image together, block by block and in order, from wherever its blocks are. No block is written that is not the one
/// the index says; a block of this machine that turns out to be another is fetched.
/// </summary>
/// <param name="source">The release.</param>
/// <param name="plan">Where its blocks come from.</param>
/// <param name="target">Where it is written.</param>
/// <param name="limit">Of the network.</param>
/// <param name="origins">Told where bytes come from.</param>
internal sealed class IndexedImage(
    IReleaseSource source, ImagePlan plan, IBlockDevice target, RateLimit limit, OriginCount origins)
{
    private readonly ReleaseImage _image = plan.Image;

    /// <exception cref="InvalidDataException">The source has other bytes than the release says.</exception>
    /// <exception cref="IOException">Reading, fetching or writing failed.</exception>
    public async Task WriteAsync(SlotImageWriter writer, IProgress<long>? progress, CancellationToken cancellation)
    {
        var blocks = plan.Blocks!;
        await using var fetched = new RangeQueue(source, _image.File, _image.SizeBytes, blocks.Ranges(), limit, origins, cancellation);
        await using var patched = plan.Patch is null ? null : new PatchedBlocks(source, plan, limit, origins, cancellation);
        for (var i = 0; i < blocks.Origins.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (block, origin) = (blocks.Index.Blocks[i], blocks.Origins[i]);
            var bytes = await writer.ReserveAsync(block.Length);
            if (origin.Kind == BlockOriginKind.Fetch) await fetched.ReadAsync(block.Offset, bytes);
            else if (origin.Kind == BlockOriginKind.Patch) await patched!.ReadAsync(bytes);
            else Read(block, origin, bytes.Span);

            var isRight = block.Matches(bytes.Span);
            if (!isRight && origin.Kind == BlockOriginKind.Fetch) await fetched.TurnAwayAsync();
            if (!isRight) await FetchAgainAsync(block, bytes, cancellation);
            Count(origin.Kind, block.Length, isRight);
            writer.Commit(block.Length, wasThere: isRight && origin.Kind == BlockOriginKind.InPlace);
            progress?.Report(block.End);
        }
        await writer.CompleteAsync();
    }

    private void Read(IndexedBlock block, BlockOrigin origin, Span<byte> bytes)
    {
        switch (origin.Kind)
        {
            case BlockOriginKind.InPlace: target.Read(block.Offset, bytes); break;
            case BlockOriginKind.Copy: plan.Old!.Read(origin.Offset, bytes); break;
            default: bytes.Clear(); break;
        }
    }

    private void Count(BlockOriginKind kind, int length, bool isRight)
    {
        if (!isRight) return;    // it was fetched, and counted then
        if (kind == BlockOriginKind.InPlace) origins.AddKept(length);
        if (kind == BlockOriginKind.Copy) origins.AddSlots(length);
    }

    private async Task FetchAgainAsync(IndexedBlock block, Memory<byte> bytes, CancellationToken cancellation)
    {
        await using var once = new RangeQueue(
            source, _image.File, _image.SizeBytes, [new(block.Offset, block.Length)], limit, origins, cancellation);
        await once.ReadAsync(block.Offset, bytes);
        if (!block.Matches(bytes.Span))
            throw source.WrongBytes(_image.File, $"bytes {block.Offset} to {block.End} have another SHA-256 than the release says");
    }
}
