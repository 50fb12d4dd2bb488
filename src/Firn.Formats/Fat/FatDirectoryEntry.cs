using System.Buffers.Binary;
using System.Text;

namespace Firn.Formats.Fat;

/// <summary>The 32 bytes of a directory entry: Microsoft's FAT specification 1.03, "FAT Directory Structure".</summary>
internal static class FatDirectoryEntry
{
    public const int Size = 32;
    public const int LongNameUnits = 13;
    public const byte VolumeLabel = 0x08, Directory = 0x10, Archive = 0x20, LongName = 0x0f;
    public const byte LowerBase = 0x08, LowerExtension = 0x10;
    public const byte Deleted = 0xe5, LastLongName = 0x40;

    /// <summary>Where a long name entry keeps its 13 UTF-16 units.</summary>
    public static ReadOnlySpan<byte> UnitOffsets => [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];

    public static void Write(
        Span<byte> entry, string shortName, byte caseFlags, byte attributes, uint firstCluster, uint sizeBytes, uint dosTime)
    {
        entry.Clear();
        Encoding.ASCII.GetBytes(shortName, entry);
        entry[11] = attributes;
        entry[12] = caseFlags;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[14..], dosTime);                     // created
        BinaryPrimitives.WriteUInt16LittleEndian(entry[18..], (ushort)(dosTime >> 16));     // read, a date only
        BinaryPrimitives.WriteUInt16LittleEndian(entry[20..], (ushort)(firstCluster >> 16));
        BinaryPrimitives.WriteUInt32LittleEndian(entry[22..], dosTime);                     // written
        BinaryPrimitives.WriteUInt16LittleEndian(entry[26..], (ushort)firstCluster);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[28..], sizeBytes);
    }

    /// <summary>Entries of a long name, last part first, in front of the entry with the short one.</summary>
    public static void WriteLongName(Span<byte> entries, string name, string shortName)
    {
        var checksum = Checksum(Encoding.ASCII.GetBytes(shortName));
        var count = entries.Length / Size;
        for (var order = count; order > 0; order--)
        {
            var entry = entries.Slice((count - order) * Size, Size);
            entry.Clear();
            entry[0] = (byte)(order == count ? order | LastLongName : order);
            entry[11] = LongName;
            entry[13] = checksum;
            for (var unit = 0; unit < LongNameUnits; unit++)
            {
                var index = (order - 1) * LongNameUnits + unit;
                var value = index < name.Length ? name[index] : index == name.Length ? '\0' : '\uffff';
                BinaryPrimitives.WriteUInt16LittleEndian(entry[UnitOffsets[unit]..], value);
            }
        }
    }

    /// <summary>Ties a long name to the 11 bytes of its short one.</summary>
    public static byte Checksum(ReadOnlySpan<byte> shortName)
    {
        byte sum = 0;
        foreach (var value in shortName) sum = (byte)((sum << 7 | sum >> 1) + value);
        return sum;
    }

    /// <summary>Date in the high half, time of day in the low; two-second steps.</summary>
    public static uint DosTime(DateTimeOffset moment)
    {
        var (first, last) = (new DateTime(1980, 1, 1), new DateTime(2107, 12, 31, 23, 59, 58));
        var time = moment.UtcDateTime;
        if (time < first) time = first;
        if (time > last) time = last;
        var date = (uint)(time.Year - 1980) << 9 | (uint)time.Month << 5 | (uint)time.Day;
        return date << 16 | (uint)time.Hour << 11 | (uint)time.Minute << 5 | (uint)time.Second / 2;
    }
}
