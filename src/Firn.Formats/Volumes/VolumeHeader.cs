using System.Buffers.Binary;
using System.Text;

namespace Firn.Formats.Volumes;

/// <summary>What a volume calls itself.</summary>
/// <param name="Type">As mount(8) has it: <c>ext4</c>, <c>vfat</c>, <c>btrfs</c>, <c>iso9660</c>.</param>
/// <param name="Label">Empty if it has none.</param>
/// <param name="Uuid">As blkid(8) prints it; empty if it has none.</param>
public sealed record VolumeHeader(string Type, string Label, string Uuid)
{
    /// <summary>All that is looked at lies in the first bytes of a volume.</summary>
    public const int Size = 0x10000 + 0x1000;

    /// <param name="start">The first bytes of the volume, up to <see cref="Size"/>.</param>
    /// <returns>Null for what is none of these.</returns>
    public static VolumeHeader? Read(ReadOnlySpan<byte> start)
    {
        if (Has(start, 0x10040, "_BHRfS_M"u8)) return new("btrfs", Text(start.Slice(0x1012b, 0x100)), Uuid128(start.Slice(0x10020, 16)));
        if (Has(start, 0x438, [0x53, 0xef])) return new("ext4", Text(start.Slice(0x478, 16)), Uuid128(start.Slice(0x468, 16)));
        if (Has(start, 0x8001, "CD001"u8)) return new("iso9660", Text(start.Slice(0x8028, 32)).TrimEnd(), "");
        if (!Has(start, 510, [0x55, 0xaa])) return null;
        if (Has(start, 82, "FAT32   "u8)) return new("vfat", FatLabel(start.Slice(71, 11)), FatSerial(start.Slice(67, 4)));
        if (Has(start, 54, "FAT12   "u8) || Has(start, 54, "FAT16   "u8) || Has(start, 54, "FAT     "u8))
            return new("vfat", FatLabel(start.Slice(43, 11)), FatSerial(start.Slice(39, 4)));
        return null;
    }

    private static bool Has(ReadOnlySpan<byte> start, int offset, ReadOnlySpan<byte> magic) =>
        start.Length >= offset + Math.Max(magic.Length, 0x200) && start[offset..].StartsWith(magic);

    private static string Text(ReadOnlySpan<byte> field) =>
        Encoding.UTF8.GetString(field.IndexOf((byte)0) is var end and >= 0 ? field[..end] : field);

    private static string FatLabel(ReadOnlySpan<byte> field) => Text(field).TrimEnd() is "NO NAME" ? "" : Text(field).TrimEnd();

    private static string FatSerial(ReadOnlySpan<byte> field)
    {
        var serial = BinaryPrimitives.ReadUInt32LittleEndian(field);
        return $"{serial >> 16:X4}-{serial & 0xffff:X4}";
    }

    private static string Uuid128(ReadOnlySpan<byte> field) => new Guid(field, bigEndian: true).ToString();
}
