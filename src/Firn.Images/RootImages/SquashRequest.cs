using System.Collections.Immutable;
using Firn.Formats.SquashFs;

namespace Firn.Images.RootImages;

/// <summary>One squashfs image to make of one source.</summary>
public sealed record SquashRequest
{
    /// <summary>A path, or <c>-</c> for a tar archive on standard input.</summary>
    public required string Source { get; init; }

    /// <summary>Null to look at what the source is.</summary>
    public SourceKind? Kind { get; init; }

    /// <summary>Of an OCI image; null when there is one only.</summary>
    public string? Tag { get; init; }

    /// <summary>The image to write; replaced in one step when there is one.</summary>
    public required string Output { get; init; }

    /// <summary>1 to 22; null for that of the previous image, or the default.</summary>
    public int? Level { get; init; }

    /// <summary>A power of two from 4 KiB to 1 MiB; null for that of the previous image, or the default.</summary>
    public int? BlockBytes { get; init; }

    /// <summary>An earlier image, whose layout is kept; null for none.</summary>
    public string? Previous { get; init; }

    /// <summary>Whether a new layout is made all the same; then the previous image only tells level and block size.</summary>
    public bool IsCompact { get; init; }

    /// <summary>Paths, one a line, of files whose content comes first, in this order; null for none.</summary>
    public string? SortFile { get; init; }

    /// <summary>Where compressed blocks are kept between builds; null for nowhere.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>What the cache may have when the build is done.</summary>
    public long CacheLimitBytes { get; init; } = BlockCaches.CacheDirectory.DefaultLimitBytes;

    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>When the filesystem was made, seconds since 1970; null for SOURCE_DATE_EPOCH, or else the newest time in the tree.</summary>
    public long? ModifiedSeconds { get; init; }

    /// <summary>Whether the finished image is read once more for its hash: a twentieth of the time of a fast build.</summary>
    public bool IsHashed { get; init; }
}

/// <summary>An image that was made.</summary>
/// <param name="SizeBytes">Of the file, a multiple of 4 KiB.</param>
/// <param name="Sha256">Of the file, 64 hexadecimal digits; null when it was not asked for.</param>
/// <param name="ContentBytes">Of all files before compression.</param>
/// <param name="Level">Of zstd.</param>
/// <param name="ZstdVersion">Another version gives other bytes.</param>
/// <param name="Cached">How many blocks the cache had, and how many it had not; null without one.</param>
/// <param name="Layout">How much stayed where the previous image had it; null without one.</param>
/// <param name="Warnings">What the image could not have.</param>
public sealed record SquashResult(
    string Path, long SizeBytes, string? Sha256, long ContentBytes, uint Inodes, int Level, int BlockBytes, string ZstdVersion,
    CacheUse? Cached, LayoutReuse? Layout, ImmutableArray<string> Warnings);

/// <param name="Hits">Blocks, of data and of metadata, that were not compressed again.</param>
/// <param name="Misses">Blocks that were.</param>
public sealed record CacheUse(long Hits, long Misses);
