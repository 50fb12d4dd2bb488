using Firn.Formats.Mbr;

namespace Firn.Formats.Gpt;

/// <summary>Writes tables of 128 entries for disks with sectors of 512 bytes: UEFI specification 2.10, 5.3.</summary>
public static class GptWriter
{
    /// <exception cref="ArgumentException">Partitions overlap, lie outside of the disk or share a number or id.</exception>
    public static GptBytes Encode(GptTable table)
    {
        GptTableCheck.ThrowIfUnwritable(table);
        var entries = new byte[GptTable.MaximumPartitions * GptEntry.Size];
        foreach (var partition in table.Partitions)
            GptEntry.Write(entries.AsSpan((partition.Number - 1) * GptEntry.Size, GptEntry.Size), partition);

        var lastSector = table.SectorCount - 1;
        var backupSector = table.LastUsableSector + 1;
        var primaryHeader = new GptHeader(
            Sector: 1, OtherSector: lastSector, table.FirstUsableSector, table.LastUsableSector, table.DiskId,
            EntriesSector: 2, GptTable.MaximumPartitions, GptEntry.Size, Crc32.Of(entries));
        var backupHeader = primaryHeader with { Sector = lastSector, OtherSector = 1, EntriesSector = backupSector };

        var mbr = new byte[GptTable.SectorBytes];
        ProtectiveMbr.Write(mbr, table.SectorCount);
        var primary = new byte[GptTable.CopySectors * GptTable.SectorBytes];
        primaryHeader.WriteTo(primary.AsSpan(0, GptTable.SectorBytes));
        entries.CopyTo(primary, GptTable.SectorBytes);
        var backup = new byte[primary.Length];
        entries.CopyTo(backup, 0);
        backupHeader.WriteTo(backup.AsSpan(entries.Length));
        return new(new(0, mbr), new(GptTable.SectorBytes, primary), new(backupSector * GptTable.SectorBytes, backup));
    }

    /// <summary>
    /// Writes both copies and the protective MBR; boot code in sector 0 stays. Flushes the stream, not the disk: where
    /// power may fail, write the parts of <see cref="Encode"/> and flush between them.
    /// </summary>
    /// <param name="table">Its <see cref="GptTable.SectorCount"/> says where the disk ends.</param>
    /// <param name="disk">Readable, writable and seekable, over a whole disk or disk image.</param>
    /// <exception cref="ArgumentException">As <see cref="Encode"/>.</exception>
    public static void Write(GptTable table, Stream disk)
    {
        var bytes = Encode(table);
        var mbr = bytes.ProtectiveMbr.Bytes.ToArray();
        disk.Position = 0;
        var bootCode = mbr.AsSpan(0, ProtectiveMbr.BootCodeBytes);
        disk.ReadAtLeast(bootCode, bootCode.Length, throwOnEndOfStream: false);    // a new image may still be empty

        foreach (var region in new[] { bytes.Backup, bytes.Primary, new(0, mbr) })
        {
            disk.Position = region.OffsetBytes;
            disk.Write(region.Bytes.Span);
            disk.Flush();
        }
    }
}
