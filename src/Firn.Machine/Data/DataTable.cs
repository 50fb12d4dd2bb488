using Firn.Formats.Boot;
using Firn.Formats.Gpt;
using Firn.Machine.Boot;

namespace Firn.Machine.Data;

/// <summary>How the partition table of a disk should be, so that the data partition has all that nobody else has. Pure.</summary>
internal static class DataTable
{
    /// <summary>Less than this is not worth a partition, and not a filesystem's growth.</summary>
    public const long SmallestBytes = 1 << 20;

    /// <summary>The table with the data partition added or grown; partitions never shrink or move.</summary>
    /// <exception cref="RefusedException">There is no room for a data partition.</exception>
    public static GptTable Plan(GptTable table, long diskSectors)
    {
        // a table may say that the disk is larger than it is: then there is nothing to gain
        var grown = table with { SectorCount = Math.Max(table.SectorCount, diskSectors) };
        var end = (grown.LastUsableSector + 1) / GptTable.AlignmentSectors * GptTable.AlignmentSectors;
        var last = grown.Partitions.MaxBy(partition => partition.LastSector);

        if (table.Find(DiskLayout.DataPartition) is not { } data)
            return grown with { Partitions = grown.Partitions.Add(Added(table, last, end)) };
        if (last != data || end - 1 <= data.LastSector) return grown;
        return grown with { Partitions = grown.Partitions.Replace(data, data with { LastSector = end - 1 }) };
    }

    private static GptPartition Added(GptTable table, GptPartition? last, long end)
    {
        // where the disk has grown, behind the table's old copy: the partition must begin blank
        var taken = end > table.SectorCount ? table.SectorCount - 1 : last?.LastSector ?? 0;
        var start = (taken / GptTable.AlignmentSectors + 1) * GptTable.AlignmentSectors;
        if ((end - start) * GptTable.SectorBytes < SmallestBytes)
            throw new RefusedException("there is no room for a data partition behind the others");
        var numbers = table.Partitions.Select(partition => partition.Number).ToHashSet();
        return new(
            Enumerable.Range(1, GptTable.MaximumPartitions).First(number => !numbers.Contains(number)),
            DiskLayout.DataPartition, GptTypes.LinuxData,
            GptIds.Derive(table.DiskId.ToString(), DiskLayout.DataPartition), start, end - 1);
    }
}
