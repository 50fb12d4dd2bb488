using System.Buffers.Binary;

namespace Firn.Formats.Mbr;

/// <summary>
/// Sector 0 of a GPT disk: one partition of type 0xEE that covers everything, so that tools which know only MBR keep
/// off. UEFI specification 2.10, 5.2.3.
/// </summary>
public static class ProtectiveMbr
{
    public const int SectorBytes = 512;

    /// <summary>The part of the sector that is not the table's: a BIOS boot loader's first stage.</summary>
    public const int BootCodeBytes = 440;

    private const int FirstEntry = 446, EntryBytes = 16, EntryCount = 4;
    private const byte GptType = 0xee;

    /// <summary>Fills all of the sector but its boot code.</summary>
    /// <param name="sector">512 bytes; the first 440 stay as they are.</param>
    /// <param name="sectorCount">Sectors of the disk.</param>
    public static void Write(Span<byte> sector, long sectorCount)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sector.Length, SectorBytes);
        sector[BootCodeBytes..].Clear();
        var entry = sector.Slice(FirstEntry, EntryBytes);
        entry[2] = 2;                                         // sector 1 as cylinder, head, sector
        entry[4] = GptType;
        entry.Slice(5, 3).Fill(0xff);                         // its end cannot be said that way
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], (uint)Math.Min(sectorCount - 1, uint.MaxValue));
        sector[510] = 0x55;
        sector[511] = 0xaa;
    }

    /// <summary>
    /// Whether the sector hands the disk to GPT. Where it does not, a GPT further on is a leftover that firmware and
    /// kernel ignore.
    /// </summary>
    public static bool IsProtective(ReadOnlySpan<byte> sector)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sector.Length, SectorBytes);
        if (sector[510] != 0x55 || sector[511] != 0xaa) return false;
        for (var entry = 0; entry < EntryCount; entry++)
            if (sector[FirstEntry + entry * EntryBytes + 4] == GptType) return true;
        return false;
    }
}
