using Firn.Formats.Payloads;
using Firn.Formats.Releases;

namespace Firn.Machine.Updates;

/// <summary>How an image will be brought into its slot.</summary>
/// <param name="Image">The image.</param>
/// <param name="Index">Its blocks; null if nobody knows them.</param>
/// <param name="Blocks">Where they come from; null if it is taken whole.</param>
/// <param name="Old">What blocks are copied from; null if there is nothing.</param>
/// <param name="Patch">What blocks are made with; null if there is no pack for this machine.</param>
internal sealed record ImagePlan(ReleaseImage Image, BlockIndex? Index, BlockPlan? Blocks, OldSlotImage? Old = null, ImagePatch? Patch = null)
{
    /// <summary>Those of the pack that are needed.</summary>
    public List<int> Frames { get; } = Patch is null ? [] : NeededFrames(Patch, Blocks!);

    /// <summary>Where they are.</summary>
    public List<ByteRange> PackRanges => ByteRange.Coalesce(Frames.Select(frame => Patch!.Head.Frames[frame].Bytes));

    public ImageTransferPlan Report() => Blocks is null
        ? new(Image.File, Image.SizeBytes, Image.SizeBytes, 1, 0, 0, 0)
        : Report(Blocks, Blocks.Ranges());

    private ImageTransferPlan Report(BlockPlan blocks, List<ByteRange> ranges)
    {
        long bytes = 0;
        foreach (var range in ranges) bytes += range.Length;
        var packs = PackRanges;
        foreach (var range in packs) bytes += range.Length;
        return new(
            Image.File, Image.SizeBytes, bytes, ranges.Count + packs.Count,
            blocks.Bytes(BlockOriginKind.Copy), blocks.Bytes(BlockOriginKind.InPlace), blocks.Bytes(BlockOriginKind.Patch));
    }

    private static List<int> NeededFrames(ImagePatch patch, BlockPlan blocks)
    {
        var needed = new List<int>();
        for (var frame = 1; frame < patch.Head.Frames.Length; frame++)
            if (patch.BlocksOf(frame).Any(block => blocks.Origins[block.Number].Kind == BlockOriginKind.Patch)) needed.Add(frame);
        return needed;
    }

    /// <summary>Of the longest block; 0 without an index.</summary>
    public int LongestBlockBytes
    {
        get
        {
            var longest = 0;
            if (Blocks is not null)
                foreach (var block in Blocks.Index.Blocks) longest = Math.Max(longest, block.Length);
            return longest;
        }
    }
}

/// <summary>What an image will cost.</summary>
/// <param name="File">Its name.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="SourceBytes">To be fetched: blocks and patches.</param>
/// <param name="Requests">To be sent for that.</param>
/// <param name="SlotBytes">Copied from the other slot.</param>
/// <param name="KeptBytes">In the right place already.</param>
/// <param name="PatchedBytes">Made of the other slot and patches.</param>
public sealed record ImageTransferPlan(
    string File, long SizeBytes, long SourceBytes, int Requests, long SlotBytes, long KeptBytes, long PatchedBytes);

/// <summary>What an installation will cost, as <c>firn update plan</c> tells.</summary>
/// <param name="Name">Of the release.</param>
/// <param name="Version">Of the release.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="SourceBytes">To be fetched, indexes and plans included.</param>
/// <param name="Requests">To be sent for that.</param>
/// <param name="Seconds">That takes at the rate of the last installation; null if there was none, or nothing comes over a network.</param>
/// <param name="Root">The root image.</param>
/// <param name="Boot">The boot image.</param>
public sealed record UpdatePlan(
    string Name, string Version, string Source, long SourceBytes, int Requests, double? Seconds,
    ImageTransferPlan Root, ImageTransferPlan Boot);
