using System.Buffers.Binary;
using System.Text;

namespace Firn.Formats.Fat;

/// <summary>Sector 0 and FAT32's FSInfo: Microsoft's FAT specification 1.03, "Boot Sector and BPB".</summary>
internal static class FatBootSector
{
    public const int InfoSector = 1, BackupSector = 6;
    public const string NoLabel = "NO NAME";

    public static byte[] Make(FatGeometry geometry, FatOptions options)
    {
        var isFat32 = geometry.Type == FatType.Fat32;
        var sector = new byte[FatGeometry.SectorBytes];
        var bytes = sector.AsSpan();
        var codeOffset = isFat32 ? 90 : 62;
        (bytes[0], bytes[1], bytes[2]) = (0xeb, (byte)(codeOffset - 2), 0x90);
        "MSWIN4.1"u8.CopyTo(bytes[3..]);    // the name the specification knows to upset nobody
        Write16(bytes, 11, FatGeometry.SectorBytes);
        bytes[13] = (byte)geometry.SectorsPerCluster;
        Write16(bytes, 14, geometry.ReservedSectors);
        bytes[16] = FatGeometry.FatCount;
        Write16(bytes, 17, geometry.RootEntries);
        var fitsShort = !isFat32 && geometry.TotalSectors <= ushort.MaxValue;
        Write16(bytes, 19, fitsShort ? (int)geometry.TotalSectors : 0);
        bytes[21] = 0xf8;    // a fixed disk
        Write16(bytes, 22, isFat32 ? 0 : (int)geometry.FatSectors);
        Write16(bytes, 24, 63);    // sectors per track and heads: nobody counts so any more, but zero is refused
        Write16(bytes, 26, 255);
        Write32(bytes, 28, (uint)options.HiddenSectors);
        Write32(bytes, 32, fitsShort ? 0 : (uint)geometry.TotalSectors);
        if (isFat32)
        {
            Write32(bytes, 36, (uint)geometry.FatSectors);
            Write32(bytes, 44, FatGeometry.FirstDataCluster);    // the root directory
            Write16(bytes, 48, InfoSector);
            Write16(bytes, 50, BackupSector);
        }
        WriteNames(bytes[(isFat32 ? 64 : 36)..], options, isFat32 ? "FAT32   "u8 : "FAT16   "u8);
        bytes[codeOffset] = 0xcd;          // int 0x18: whoever boots this is told to try the next device
        bytes[codeOffset + 1] = 0x18;
        Write16(bytes, 510, 0xaa55);
        return sector;
    }

    public static byte[] MakeInfo(uint freeClusters, uint nextFree)
    {
        var sector = new byte[FatGeometry.SectorBytes];
        Write32(sector, 0, 0x41615252);
        Write32(sector, 484, 0x61417272);
        Write32(sector, 488, freeClusters);
        Write32(sector, 492, nextFree);
        Write32(sector, 508, 0xaa550000);
        return sector;
    }

    private static void WriteNames(Span<byte> bytes, FatOptions options, ReadOnlySpan<byte> type)
    {
        bytes[0] = 0x80;
        bytes[2] = 0x29;    // the three that follow are there
        Write32(bytes, 3, options.SerialNumber);
        Encoding.ASCII.GetBytes((options.Label.Length > 0 ? options.Label : NoLabel).PadRight(11), bytes[7..]);
        type.CopyTo(bytes[18..]);
    }

    private static void Write16(Span<byte> bytes, int offset, int value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[offset..], (ushort)value);

    private static void Write32(Span<byte> bytes, int offset, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[offset..], value);
}
