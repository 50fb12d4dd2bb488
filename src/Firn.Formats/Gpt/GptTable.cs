using System.Collections.Immutable;

namespace Firn.Formats.Gpt;

/// <summary>The partition table of a disk: UEFI specification 2.10, chapter 5.</summary>
/// <param name="DiskId">Unique to the disk.</param>
/// <param name="SectorCount">
/// Sectors of the disk the table was written for; the backup header is in the last of them. An image copied to a
/// larger disk keeps its old count until someone writes the table again with the new one.
/// </param>
/// <param name="Partitions">In order of their numbers when read; in any order when written.</param>
public sealed record GptTable(Guid DiskId, long SectorCount, ImmutableArray<GptPartition> Partitions)
{
    public const int SectorBytes = 512;

    /// <summary>Partitions start at multiples of 1 MiB, which every flash page and RAID stripe divides.</summary>
    public const int AlignmentSectors = 2048;

    /// <summary>The most partitions a table written here can have: its entries fill 16 KiB, the least UEFI allows.</summary>
    public const int MaximumPartitions = 128;

    /// <summary>Sectors of a header with its entries; that many are taken at the end, and after sector 0.</summary>
    internal const int CopySectors = 33;

    public long FirstUsableSector => 1 + CopySectors;
    public long LastUsableSector => SectorCount - CopySectors - 1;

    /// <summary>The partition with a name, compared exactly; of several, the one with the lowest number.</summary>
    public GptPartition? Find(string name) =>
        Partitions.Where(partition => partition.Name == name).MinBy(partition => partition.Number);
}
