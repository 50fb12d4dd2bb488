using System.Buffers.Binary;
using System.Numerics;

namespace Firn.Formats.Fat;

/// <summary>What a reader must know of a boot sector; every number is checked against the volume's length.</summary>
internal sealed record FatVolume(
    FatType Type, long SizeBytes, int SectorBytes, int ClusterBytes, long TableOffset, long RootOffset, int RootBytes, uint RootCluster,
    long ClustersOffset, uint Clusters)
{
    public const int BootSectorBytes = 512;

    public uint LastCluster => Clusters + FatGeometry.FirstDataCluster - 1;

    public long OffsetOf(uint cluster) => ClustersOffset + (long)(cluster - FatGeometry.FirstDataCluster) * ClusterBytes;

    /// <exception cref="InvalidDataException">Not a FAT16 or FAT32 volume of at most <paramref name="volumeBytes"/>.</exception>
    public static FatVolume Read(ReadOnlySpan<byte> boot, long volumeBytes)
    {
        if (boot[510] != 0x55 || boot[511] != 0xaa) throw new InvalidDataException("FAT volume: no boot sector signature");
        int sectorBytes = Get16(boot, 11), sectorsPerCluster = boot[13], reserved = Get16(boot, 14), tables = boot[16];
        int rootEntries = Get16(boot, 17);
        if (!BitOperations.IsPow2(sectorBytes) || sectorBytes is < 512 or > 4096)
            throw new InvalidDataException($"FAT volume: sectors of {sectorBytes} bytes");
        if (!BitOperations.IsPow2(sectorsPerCluster) || sectorsPerCluster == 0)
            throw new InvalidDataException($"FAT volume: clusters of {sectorsPerCluster} sectors");
        if (reserved == 0 || tables == 0)
            throw new InvalidDataException($"FAT volume: {tables} FATs behind {reserved} sectors");

        long totalSectors = Get16(boot, 19) is > 0 and var few ? few : Get32(boot, 32);
        if (totalSectors * sectorBytes > volumeBytes)
            throw new InvalidDataException($"FAT volume: {totalSectors} sectors do not fit its {volumeBytes} bytes");
        // As Linux and GRUB do: FAT32 is what has no 16-bit length of its FATs.
        var isFat32 = Get16(boot, 22) == 0;
        long tableSectors = isFat32 ? Get32(boot, 36) : Get16(boot, 22);
        var rootSector = reserved + tables * tableSectors;
        var rootSectors = (rootEntries * FatDirectoryEntry.Size + sectorBytes - 1) / sectorBytes;
        var clusters = (totalSectors - rootSector - rootSectors) / sectorsPerCluster;
        if (isFat32 != (rootEntries == 0)) throw new InvalidDataException($"FAT volume: {rootEntries} root entries");
        if (totalSectors <= rootSector + rootSectors || clusters is 0 or > 0x0ffffff5)
            throw new InvalidDataException("FAT volume: no room for clusters");
        if (!isFat32 && clusters < 4085) throw new InvalidDataException("FAT volume: FAT12 is not understood");
        if (!isFat32 && clusters > 65524) throw new InvalidDataException("FAT volume: too many clusters for FAT16");
        if ((clusters + FatGeometry.FirstDataCluster) * (isFat32 ? 4 : 2) > tableSectors * sectorBytes)
            throw new InvalidDataException($"FAT volume: {tableSectors} sectors are no FAT for {clusters} clusters");
        if (isFat32 && (Get16(boot, 40) & 0x8f) is > 0x80 and var active)
            throw new InvalidDataException($"FAT volume: FAT {active & 0xf} is active, only the first is understood");

        return new(
            isFat32 ? FatType.Fat32 : FatType.Fat16, totalSectors * sectorBytes, sectorBytes, sectorsPerCluster * sectorBytes,
            (long)reserved * sectorBytes, rootSector * sectorBytes, rootEntries * FatDirectoryEntry.Size,
            isFat32 ? Get32(boot, 44) : 0, (rootSector + rootSectors) * sectorBytes, (uint)clusters);
    }

    private static ushort Get16(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint Get32(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);
}
