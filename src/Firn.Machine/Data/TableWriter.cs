using Firn.Formats.Gpt;
using Firn.Formats.Mbr;
using Firn.Linux.Block;

namespace Firn.Machine.Data;

/// <summary>Puts a partition table on a disk that is in use, one copy after the other.</summary>
internal static class TableWriter
{
    /// <returns>False when the disk had exactly this table.</returns>
    public static bool Write(GptTable table, IBlockDevice disk)
    {
        var bytes = GptWriter.Encode(table);
        var wroteBackup = WriteChanges(disk, bytes.Backup.OffsetBytes, bytes.Backup.Bytes.Span);

        // MBR and primary in one write of no more than what differs, which is in the first 4 KiB unless the data partition
        // has a number beyond 24: most media write that much whole or not at all
        var front = new byte[bytes.Primary.OffsetBytes + bytes.Primary.Bytes.Length];
        disk.Read(0, front);
        bytes.ProtectiveMbr.Bytes.Span[ProtectiveMbr.BootCodeBytes..].CopyTo(front.AsSpan(ProtectiveMbr.BootCodeBytes));
        bytes.Primary.Bytes.Span.CopyTo(front.AsSpan((int)bytes.Primary.OffsetBytes));
        return WriteChanges(disk, 0, front) | wroteBackup;
    }

    private static bool WriteChanges(IBlockDevice disk, long offset, ReadOnlySpan<byte> wanted)
    {
        var found = new byte[wanted.Length];
        disk.Read(offset, found);
        if (wanted.SequenceEqual(found)) return false;
        var first = Sector(wanted.CommonPrefixLength(found));
        var last = wanted.Length;
        while (wanted[last - 1] == found[last - 1]) last--;
        disk.Write(offset + first, wanted[first..Math.Min(wanted.Length, Sector(last - 1) + GptTable.SectorBytes)]);
        disk.Flush();
        return true;

        static int Sector(int at) => at / GptTable.SectorBytes * GptTable.SectorBytes;
    }
}
