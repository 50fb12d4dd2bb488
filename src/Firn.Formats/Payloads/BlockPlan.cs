using System.Collections.Immutable;

namespace Firn.Formats.Payloads;

/// <summary>An image that a machine has.</summary>
/// <param name="Index">Its blocks. It need not be true any more: what is read from there is hashed.</param>
/// <param name="IsOverwritten">
/// Whether it lies where the new image is written, in order: then only what is at the same place or further on can be used.
/// </param>
public sealed record OldImage(BlockIndex Index, bool IsOverwritten = false);

public enum BlockOriginKind
{
    /// <summary>From the network.</summary>
    Fetch,

    /// <summary>From an old image.</summary>
    Copy,

    /// <summary>All zeros.</summary>
    Zeros,

    /// <summary>It is where it belongs.</summary>
    InPlace,

    /// <summary>Made of what old blocks hold and a pack.</summary>
    Patch,
}

/// <param name="Kind">Where a block comes from.</param>
/// <param name="Image">Number of the old image, for <see cref="BlockOriginKind.Copy"/> and <see cref="BlockOriginKind.InPlace"/>.</param>
/// <param name="Offset">In the old image.</param>
public readonly record struct BlockOrigin(BlockOriginKind Kind, int Image = 0, long Offset = 0);

/// <summary>Where each block of an image comes from.</summary>
/// <param name="Index">Of the image.</param>
/// <param name="Origins">One for each of its blocks.</param>
public sealed record BlockPlan(BlockIndex Index, ImmutableArray<BlockOrigin> Origins)
{
    public long Bytes(BlockOriginKind kind)
    {
        long sum = 0;
        for (var i = 0; i < Origins.Length; i++)
            if (Origins[i].Kind == kind) sum += Index.Blocks[i].Length;
        return sum;
    }

    /// <summary>What is to be fetched, in ranges of the image file.</summary>
    public List<ByteRange> Ranges(int smallestGap = ByteRange.SmallestGap) => ByteRange.Coalesce(
        Index.Blocks.Where((_, i) => Origins[i].Kind == BlockOriginKind.Fetch).Select(block => new ByteRange(block.Offset, block.Length)),
        smallestGap);
}
