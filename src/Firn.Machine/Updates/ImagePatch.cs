using Firn.Formats.Payloads;
using Firn.Formats.Releases;
using Firn.Linux.Compression;
using Firn.Linux.Memory;

namespace Firn.Machine.Updates;

/// <summary>How an image is made of an older one: a pack, of which head and plan are here and proven.</summary>
/// <param name="File">The pack.</param>
/// <param name="Head">Its head.</param>
/// <param name="Plan">Its first frame.</param>
/// <param name="Old">The older image.</param>
internal sealed record ImagePatch(ReleaseFile File, PackHead Head, PackPlan Plan, OldSlotImage Old)
{
    /// <summary>Of a frame and of what it makes: with more, it is not used.</summary>
    public const int MostFrameBytes = 16 << 20;

    /// <summary>Named where nothing is compressed: in boot images.</summary>
    private const string NoEncoder = "none";

    /// <summary>What this machine compresses with.</summary>
    private static readonly PatchCodecs Codecs = new(
        () =>
        {
            var decompressor = new ZstdDecompressor();
            return new(decompressor.Decompress, decompressor);
        },
        name => ZstdEncoder.TryOpen(name) is { } encoder ? new(encoder.Compress, encoder) : null,
        PackedFiles.Unpack, PackedFiles.Pack);

    /// <summary>Whether blocks that are compressed with this can be made here.</summary>
    public static bool CanEncode(string encoder)
    {
        using var found = Codecs.FindEncoder(encoder);
        return found is not null || encoder == NoEncoder;
    }

    public PatchReader OpenReader() => new(Head, Plan, Old.Index, Old, Codecs, MappedMemory.Allocate);

    /// <summary>The new blocks that a frame makes, in order.</summary>
    public IEnumerable<PatchedBlock> BlocksOf(int frame)
    {
        var first = Head.FirstBlock(frame);
        for (var i = first; i < Math.Min(first + Head.Frames[frame].BlockCount, Plan.Blocks.Length); i++) yield return Plan.Blocks[i];
    }

    /// <summary>
    /// Where blocks come from, with this: a frame is used where it is smaller than those of its blocks that would be fetched.
    /// </summary>
    public BlockPlan Apply(BlockPlan plan)
    {
        var origins = plan.Origins.ToBuilder();
        for (var frame = 1; frame < Head.Frames.Length; frame++)
        {
            long missing = 0;
            foreach (var block in BlocksOf(frame))
                if (origins[block.Number].Kind == BlockOriginKind.Fetch) missing += plan.Index.Blocks[block.Number].Length;
            var frameBytes = Head.Frames[frame].Bytes.Length;
            if (missing <= frameBytes || missing > MostFrameBytes || frameBytes > MostFrameBytes) continue;
            foreach (var block in BlocksOf(frame))
                if (origins[block.Number].Kind == BlockOriginKind.Fetch) origins[block.Number] = new(BlockOriginKind.Patch);
        }
        return plan with { Origins = origins.MoveToImmutable() };
    }
}
