namespace Firn.Formats.Gpt;

/// <summary>What holds for every table, read or written.</summary>
internal static class GptTableCheck
{
    public static (GptPartition, GptPartition)? FindOverlap(IEnumerable<GptPartition> partitions)
    {
        GptPartition? before = null;
        foreach (var partition in partitions.OrderBy(partition => partition.FirstSector))
        {
            if (before is not null && partition.FirstSector <= before.LastSector) return (before, partition);
            before = partition;
        }
        return null;
    }

    /// <exception cref="ArgumentException">The table cannot be written; says which partition and why.</exception>
    public static void ThrowIfUnwritable(GptTable table)
    {
        if (table.LastUsableSector < table.FirstUsableSector)
            throw new ArgumentException($"a disk of {table.SectorCount} sectors is too small for a GPT");
        var numbers = new HashSet<int>();
        var ids = new HashSet<Guid>();
        foreach (var partition in table.Partitions)
        {
            var problem = partition switch
            {
                { Number: < 1 or > GptTable.MaximumPartitions } => $"numbers go from 1 to {GptTable.MaximumPartitions}",
                _ when !numbers.Add(partition.Number) => "the number is taken",
                _ when !ids.Add(partition.Id) => $"the id {partition.Id} is taken",
                _ when partition.Type == Guid.Empty => "an empty type means no partition",
                { Name.Length: > GptEntry.NameUnits } => $"the name has more than {GptEntry.NameUnits} characters",
                _ when partition.Name.Contains('\0') => "the name contains a zero character",
                _ when partition.FirstSector < table.FirstUsableSector || partition.LastSector > table.LastUsableSector
                    || partition.FirstSector > partition.LastSector =>
                    $"sectors {partition.FirstSector} to {partition.LastSector} are not within "
                    + $"{table.FirstUsableSector} to {table.LastUsableSector}",
                _ => null,
            };
            if (problem is not null)
                throw new ArgumentException($"partition {partition.Number} ({partition.Name}): {problem}");
        }
        if (FindOverlap(table.Partitions) is var (first, second))
            throw new ArgumentException(
                $"partitions {first.Number} ({first.Name}) and {second.Number} ({second.Name}) overlap");
    }
}
