using System.Collections.Immutable;
using Firn.Formats.Mbr;

namespace Firn.Formats.Gpt;

/// <summary>Which of the two copies of a table was read.</summary>
public enum GptCopy { Primary, Backup }

/// <summary>
/// Reads the partition table of a disk with sectors of 512 bytes: UEFI specification 2.10, 5.3. Disks with sectors of
/// 4096 bytes are not understood.
/// </summary>
public static class GptReader
{
    /// <inheritdoc cref="Read(Stream, out GptCopy)"/>
    public static GptTable Read(Stream disk) => Read(disk, out _);

    /// <summary>The primary table, or if that is damaged the backup in the last sectors of the disk.</summary>
    /// <param name="disk">Seekable, over a whole disk or disk image; its length is the disk's.</param>
    /// <param name="copy">Which copy it was.</param>
    /// <exception cref="InvalidDataException">Neither copy is a valid table; says what is wrong with each.</exception>
    public static GptTable Read(Stream disk, out GptCopy copy)
    {
        var sectors = disk.Length / GptTable.SectorBytes;
        if (sectors < 2 * GptTable.CopySectors + 1)
            throw new InvalidDataException($"disk of {disk.Length} bytes is too small for a GPT");
        if (!ProtectiveMbr.IsProtective(ReadAt(disk, 0, GptTable.SectorBytes)))
            throw new InvalidDataException("disk has no GPT: sector 0 is not a protective MBR");

        string problem;
        try
        {
            copy = GptCopy.Primary;
            return ReadCopy(disk, 1, sectors);
        }
        catch (InvalidDataException error) { problem = error.Message; }
        try
        {
            copy = GptCopy.Backup;
            return ReadCopy(disk, sectors - 1, sectors);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"primary GPT: {problem}; backup GPT: {error.Message}");
        }
    }

    private static GptTable ReadCopy(Stream disk, long headerSector, long diskSectors)
    {
        var header = GptHeader.Read(ReadAt(disk, headerSector, GptTable.SectorBytes), headerSector, diskSectors);
        if (header.EntriesSector + header.EntriesSectors > diskSectors)
            throw new InvalidDataException("entries reach beyond the end of the disk");
        var entries = ReadAt(disk, header.EntriesSector, header.EntriesBytes);
        var crc = Crc32.Of(entries);
        if (crc != header.EntriesCrc)
            throw new InvalidDataException($"entries have CRC 0x{crc:x8}, expected 0x{header.EntriesCrc:x8}");

        var partitions = ImmutableArray.CreateBuilder<GptPartition>();
        for (var index = 0; index < header.EntryCount; index++)
            if (GptEntry.Read(entries.AsSpan(index * header.EntryBytes), index + 1, header) is { } partition)
                partitions.Add(partition);
        if (GptTableCheck.FindOverlap(partitions) is var (first, second))
            throw new InvalidDataException($"partitions {first.Number} and {second.Number} overlap");
        return new(header.DiskId, Math.Max(header.Sector, header.OtherSector) + 1, partitions.ToImmutable());
    }

    private static byte[] ReadAt(Stream disk, long sector, int count)
    {
        var bytes = new byte[count];
        disk.Position = sector * GptTable.SectorBytes;
        disk.ReadExactly(bytes);
        return bytes;
    }
}
