using System.Buffers.Binary;
using System.Text;

namespace Firn.Formats.Fat;

/// <summary>Turns the bytes of a directory into its entries; passes over labels, deleted entries, "." and "..".</summary>
internal static class FatDirectoryReader
{
    private const int MaximumNameParts = 20;    // of 13 units: names have up to 255

    /// <param name="bytes">A whole directory.</param>
    /// <param name="prefix">Of the entries' paths: empty, or ending in a slash.</param>
    /// <exception cref="InvalidDataException">A name that would be taken for a path, or not be printable.</exception>
    public static List<FatEntry> Read(ReadOnlySpan<byte> bytes, string prefix)
    {
        var entries = new List<FatEntry>();
        var longName = new LongNameParts();
        for (; bytes.Length >= FatDirectoryEntry.Size && bytes[0] != 0; bytes = bytes[FatDirectoryEntry.Size..])
        {
            var entry = bytes[..FatDirectoryEntry.Size];
            var attributes = entry[11];
            if (entry[0] == FatDirectoryEntry.Deleted) longName.Clear();
            else if ((attributes & 0x3f) == FatDirectoryEntry.LongName) longName.Add(entry);
            else
            {
                var name = longName.For(entry[..11]) ?? ShortName(entry);
                longName.Clear();
                if ((attributes & FatDirectoryEntry.VolumeLabel) != 0 || name is "." or "..") continue;
                if (name.Length == 0 || name.Any(c => c == '/' || char.IsControl(c)))
                    throw new InvalidDataException(
                        $"FAT directory '{prefix}': a name is empty or holds a slash or control character");
                var isDirectory = (attributes & FatDirectoryEntry.Directory) != 0;
                var cluster = (uint)Get16(entry, 20) << 16 | Get16(entry, 26);
                var sizeBytes = isDirectory ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(entry[28..]);
                entries.Add(new(prefix + name, isDirectory, sizeBytes, cluster));
            }
        }
        return entries;
    }

    private static string ShortName(ReadOnlySpan<byte> entry)
    {
        // The code page of the name is not kept anywhere: beyond ASCII this is a guess that loses nothing.
        var stem = Encoding.Latin1.GetString(entry[..8]).TrimEnd(' ');
        var extension = Encoding.Latin1.GetString(entry.Slice(8, 3)).TrimEnd(' ');
        if (stem.StartsWith('\x05')) stem = (char)FatDirectoryEntry.Deleted + stem[1..];
        if ((entry[12] & FatDirectoryEntry.LowerBase) != 0) stem = stem.ToLowerInvariant();
        if ((entry[12] & FatDirectoryEntry.LowerExtension) != 0) extension = extension.ToLowerInvariant();
        return extension.Length > 0 ? $"{stem}.{extension}" : stem;
    }

    private static ushort Get16(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    /// <summary>Parts of a long name, which come last part first and must belong together.</summary>
    private sealed class LongNameParts
    {
        private readonly char[] _units = new char[MaximumNameParts * FatDirectoryEntry.LongNameUnits];
        private int _count, _missing;
        private byte _checksum;

        public void Clear() => _count = 0;

        public void Add(ReadOnlySpan<byte> entry)
        {
            var order = entry[0] & ~FatDirectoryEntry.LastLongName;
            var isLast = (entry[0] & FatDirectoryEntry.LastLongName) != 0;
            var isExpected = isLast ? order is > 0 and <= MaximumNameParts
                : _count > 0 && order > 0 && order == _missing && entry[13] == _checksum;
            if (!isExpected) { Clear(); return; }
            if (isLast) (_count, _checksum) = (order, entry[13]);
            _missing = order - 1;
            var units = _units.AsSpan(_missing * FatDirectoryEntry.LongNameUnits, FatDirectoryEntry.LongNameUnits);
            for (var unit = 0; unit < units.Length; unit++)
                units[unit] = (char)Get16(entry, FatDirectoryEntry.UnitOffsets[unit]);
        }

        /// <summary>The name, if all of it is there and was written for this short one.</summary>
        public string? For(ReadOnlySpan<byte> shortName)
        {
            if (_count == 0 || _missing > 0 || _checksum != FatDirectoryEntry.Checksum(shortName)) return null;
            var units = _units.AsSpan(0, _count * FatDirectoryEntry.LongNameUnits);
            var end = units.IndexOf('\0');
            return new(end < 0 ? units : units[..end]);
        }
    }
}
