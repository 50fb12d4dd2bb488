using System.Numerics;
using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>What an image is like. All but <see cref="Threads"/> shows in its bytes.</summary>
public sealed record SquashFsOptions
{
    public const int MinimumBlockSizeBytes = 4 << 10;
    public const int MaximumBlockSizeBytes = 1 << 20;

    /// <summary>A power of two from 4 KiB to 1 MiB. Files are cut into blocks, smaller files share one.</summary>
    public int BlockSizeBytes { get; init; } = 128 << 10;

    /// <summary>The zstd level the compressors work at, 1–22: recorded in the image for those who look.</summary>
    public int Level { get; init; } = SquashFsFormat.DefaultZstdLevel;

    /// <summary>When the filesystem was made, whole seconds since 1970 UTC; the files have their own times.</summary>
    public long ModifiedSeconds { get; init; }

    /// <summary>
    /// Files whose content comes first, by place in that order: what is read together at boot. Null for none. Content
    /// that stays where a previous image had it stays there.
    /// </summary>
    public IReadOnlyDictionary<FileNode, int>? Order { get; init; }

    /// <summary>Threads that read and compress.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BlockSizeBytes, MinimumBlockSizeBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BlockSizeBytes, MaximumBlockSizeBytes);
        if (!BitOperations.IsPow2(BlockSizeBytes))
            throw new ArgumentException($"block size {BlockSizeBytes} is not a power of two", nameof(BlockSizeBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(Level, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Level, 22);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(ModifiedSeconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ModifiedSeconds, uint.MaxValue);
    }
}
