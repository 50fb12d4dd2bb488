namespace Firn.Formats.Fat;

/// <summary>
/// Where the parts of a volume lie: reserved sectors, two FATs, the root directory (FAT16), clusters. The number of
/// clusters alone tells a reader the type, so it stays 16 away from the limits (FAT specification 1.03, "FAT Type
/// Determination", asks for that).
/// </summary>
internal sealed record FatGeometry(
    FatType Type, long TotalSectors, int SectorsPerCluster, int ReservedSectors, long FatSectors, int RootEntries)
{
    public const int SectorBytes = 512;
    public const int FatCount = 2;
    public const uint FirstDataCluster = 2;

    /// <summary>
    /// Every file and the clusters as a whole start at multiples of 4 KiB: a power cut while one file is written in place
    /// cannot touch another that shares its physical sector.
    /// </summary>
    public const int AlignmentSectors = 8;

    private const int RootEntriesPerSector = SectorBytes / FatDirectoryEntry.Size;

    public int ClusterBytes => SectorsPerCluster * SectorBytes;
    public int FatEntryBytes => EntryBytes(Type);
    public int RootSectors => RootEntries / RootEntriesPerSector;
    public long FirstDataSector => ReservedSectors + FatCount * FatSectors + RootSectors;
    public long Clusters => (TotalSectors - FirstDataSector) / SectorsPerCluster;

    /// <summary>Clusters taken by a file with nothing else in its last 4 KiB.</summary>
    public long ClustersTaken(long sizeBytes)
    {
        const int alignmentBytes = AlignmentSectors * SectorBytes;
        return (sizeBytes + alignmentBytes - 1) / alignmentBytes * (AlignmentSectors / SectorsPerCluster);
    }

    /// <summary>The root directory of FAT16 has a place of its own.</summary>
    public bool HasClusters(FatPlan plan) => plan.Parent is not null || Type == FatType.Fat32;

    /// <summary>The geometry with the largest clusters that holds the files in exactly so many sectors, or null.</summary>
    public static FatGeometry? Choose(FatPlan root, long totalSectors, FatType? type) =>
        Candidates(type).Select(candidate => Make(candidate.Type, candidate.SectorsPerCluster, totalSectors, root))
            .FirstOrDefault(geometry => geometry is not null
                && geometry.Clusters >= Math.Max(LeastClusters(geometry.Type), geometry.Needed(root))
                && geometry.Clusters <= MostClusters(geometry.Type));

    /// <summary>Sectors of the smallest volume that holds the files; null if none does.</summary>
    public static long? Smallest(FatPlan root, FatType? type) => Candidates(type)
        .Select(candidate => Smallest(candidate.Type, candidate.SectorsPerCluster, root)).Min();

    /// <summary>Clusters of 4 KiB, a page, where there are enough of them for the type.</summary>
    private static IEnumerable<(FatType Type, int SectorsPerCluster)> Candidates(FatType? wanted) =>
        from type in new[] { FatType.Fat16, FatType.Fat32 }
        where wanted is null || wanted == type
        from sectorsPerCluster in new[] { 8, 4, 2, 1 }
        select (type, sectorsPerCluster);

    private static long? Smallest(FatType type, int sectorsPerCluster, FatPlan root)
    {
        if (Make(type, sectorsPerCluster, 0, root) is not { } geometry) return null;
        var clusters = Math.Max(LeastClusters(type), geometry.Needed(root));
        if (clusters > MostClusters(type)) return null;
        // The FATs grow with the volume and the volume with the FATs: from below this ends at the smallest size.
        for (var total = 0L; ; total = geometry.FirstDataSector + clusters * sectorsPerCluster)
        {
            if (total == geometry.TotalSectors && total > 0) return total;
            if (Make(type, sectorsPerCluster, total, root) is not { } next) return null;
            geometry = next;
        }
    }

    private static FatGeometry? Make(FatType type, int sectorsPerCluster, long totalSectors, FatPlan root)
    {
        var rootEntries = type == FatType.Fat32 ? 0 : Math.Max(512, RoundUp(root.DirectoryEntries, RootEntriesPerSector));
        if (rootEntries > ushort.MaxValue || totalSectors > uint.MaxValue) return null;
        // As if there were nothing but clusters: a little larger than needed, and independent of what it decides.
        var fatBytes = (totalSectors / sectorsPerCluster + FirstDataCluster) * EntryBytes(type);
        var fatSectors = (fatBytes + SectorBytes - 1) / SectorBytes;
        var reserved = type == FatType.Fat32 ? 32 : 1;
        var front = reserved + FatCount * fatSectors + rootEntries / RootEntriesPerSector;
        reserved += (int)(RoundUp(front, AlignmentSectors) - front);
        return new(type, totalSectors, sectorsPerCluster, reserved, fatSectors, rootEntries);
    }

    private long Needed(FatPlan root) => root.Walk()
        .Where(HasClusters).Sum(plan => ClustersTaken(plan.SizeBytes));

    private static int EntryBytes(FatType type) => type == FatType.Fat32 ? 4 : 2;
    private static long LeastClusters(FatType type) => type == FatType.Fat32 ? 65525 + 16 : 4085 + 16;
    private static long MostClusters(FatType type) => type == FatType.Fat32 ? 0x0ffffff5 - 16 : 65524 - 16;
    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;
    private static long RoundUp(long value, int multiple) => (value + multiple - 1) / multiple * multiple;
}
