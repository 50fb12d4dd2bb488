using System.Buffers.Binary;

namespace Firn.Formats.Gpt;

/// <summary>A GPT header: UEFI specification 2.10, table 5.5. Two stand on a disk and point at each other.</summary>
internal sealed record GptHeader(
    long Sector, long OtherSector, long FirstUsable, long LastUsable, Guid DiskId,
    long EntriesSector, int EntryCount, int EntryBytes, uint EntriesCrc)
{
    public const int Size = 92;
    private const uint Revision = 0x00010000;

    /// <summary>What a reader takes; every tool writes 128 entries of 128 bytes.</summary>
    private const uint MaximumEntries = 1024, MaximumEntryBytes = 4096;

    private static ReadOnlySpan<byte> Signature => "EFI PART"u8;

    public int EntriesBytes => EntryCount * EntryBytes;
    public long EntriesSectors => (EntriesBytes + GptTable.SectorBytes - 1) / GptTable.SectorBytes;

    public void WriteTo(Span<byte> sector)
    {
        sector.Clear();
        Signature.CopyTo(sector);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[8..], Revision);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[12..], Size);
        BinaryPrimitives.WriteInt64LittleEndian(sector[24..], Sector);
        BinaryPrimitives.WriteInt64LittleEndian(sector[32..], OtherSector);
        BinaryPrimitives.WriteInt64LittleEndian(sector[40..], FirstUsable);
        BinaryPrimitives.WriteInt64LittleEndian(sector[48..], LastUsable);
        DiskId.TryWriteBytes(sector[56..]);
        BinaryPrimitives.WriteInt64LittleEndian(sector[72..], EntriesSector);
        BinaryPrimitives.WriteInt32LittleEndian(sector[80..], EntryCount);
        BinaryPrimitives.WriteInt32LittleEndian(sector[84..], EntryBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[88..], EntriesCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[16..], Crc32.Of(sector[..Size]));
    }

    /// <param name="sector">The 512 bytes of sector <paramref name="number"/>.</param>
    /// <param name="number">Where they were found.</param>
    /// <param name="diskSectors">Every sector number in the header must be below it.</param>
    /// <exception cref="InvalidDataException">Not a header, or one that cannot be right.</exception>
    public static GptHeader Read(ReadOnlySpan<byte> sector, long number, long diskSectors)
    {
        if (!sector.StartsWith(Signature)) throw new InvalidDataException($"no \"EFI PART\" in sector {number}");
        var revision = BinaryPrimitives.ReadUInt32LittleEndian(sector[8..]);
        if (revision != Revision)
            throw new InvalidDataException($"header revision 0x{revision:x8}, expected 0x{Revision:x8}");
        var size = BinaryPrimitives.ReadUInt32LittleEndian(sector[12..]);
        if (size is < Size or > GptTable.SectorBytes)
            throw new InvalidDataException($"header of {size} bytes, expected {Size} to {GptTable.SectorBytes}");
        CheckCrc(sector[..(int)size]);

        var count = BinaryPrimitives.ReadUInt32LittleEndian(sector[80..]);
        var entryBytes = BinaryPrimitives.ReadUInt32LittleEndian(sector[84..]);
        if (count is 0 or > MaximumEntries)
            throw new InvalidDataException($"{count} entries, expected 1 to {MaximumEntries}");
        if (entryBytes is < GptEntry.Size or > MaximumEntryBytes || !uint.IsPow2(entryBytes))
            throw new InvalidDataException($"entries of {entryBytes} bytes, expected a power of 2 from {GptEntry.Size}");
        var header = new GptHeader(
            SectorAt(sector, 24), SectorAt(sector, 32), SectorAt(sector, 40), SectorAt(sector, 48),
            new(sector.Slice(56, 16)), SectorAt(sector, 72), (int)count, (int)entryBytes,
            BinaryPrimitives.ReadUInt32LittleEndian(sector[88..]));
        header.CheckPlaces(number);
        return header;

        long SectorAt(ReadOnlySpan<byte> bytes, int offset)
        {
            var value = BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);
            if (value >= (ulong)diskSectors)
                throw new InvalidDataException(
                    $"header names sector {value} at offset {offset}, but the disk has only {diskSectors} sectors");
            return (long)value;
        }
    }

    private static void CheckCrc(ReadOnlySpan<byte> header)
    {
        Span<byte> copy = stackalloc byte[header.Length];
        header.CopyTo(copy);
        copy.Slice(16, 4).Clear();    // the field counts as zero in its own sum
        var (found, expected) = (BinaryPrimitives.ReadUInt32LittleEndian(header[16..]), Crc32.Of(copy));
        if (found != expected) throw new InvalidDataException($"header CRC 0x{found:x8}, expected 0x{expected:x8}");
    }

    private void CheckPlaces(long number)
    {
        if (Sector != number) throw new InvalidDataException($"header in sector {number} says it is in sector {Sector}");
        if (FirstUsable < 2 || FirstUsable > LastUsable + 1 || LastUsable >= Math.Max(Sector, OtherSector))
            throw new InvalidDataException($"usable sectors {FirstUsable} to {LastUsable} make no sense");
        var isBefore = EntriesSector + EntriesSectors <= FirstUsable;
        var isBehind = EntriesSector > LastUsable;
        var hitsHeader = EntriesSector <= Sector && Sector < EntriesSector + EntriesSectors;
        if (EntriesSector < 2 || !(isBefore || isBehind) || hitsHeader)
            throw new InvalidDataException($"entries in sector {EntriesSector} overlap something else");
    }
}
