using Firn.Formats.Trees;

namespace Firn.Formats.Tar;

/// <summary>
/// A header block of 512 bytes. POSIX.1-2017 pax, "ustar Interchange Format"; the GNU layout as in the manual of
/// GNU tar, "Basic Tar Format". Without a magic the block is of the Seventh Edition: no prefix, no devices.
/// </summary>
internal readonly ref struct TarHeader(ReadOnlySpan<byte> block, long offset)
{
    public const int Size = 512;

    private readonly ReadOnlySpan<byte> _block = block;

    private bool IsPosix => _block.Slice(257, 6).SequenceEqual("ustar\0"u8);
    private bool IsGnu => _block.Slice(257, 8).SequenceEqual("ustar  \0"u8);

    public bool IsZero => !_block.ContainsAnyExcept((byte)0);

    public byte Type => _block[156];
    public long SizeBytes => Size12("size", 124);
    public long ModifiedSeconds => Number("mtime", 136, 12);
    public uint Mode => (uint)Number("mode", 100, 8) & 0xfff;
    public uint Uid => Id("uid", 108);
    public uint Gid => Id("gid", 116);
    public ByteString LinkTarget => new(Text(157, 100));

    public DeviceNumber Device => IsPosix || IsGnu
        ? new((uint)Number("device major", 329, 8), (uint)Number("device minor", 337, 8))
        : default;

    public ByteString Name
    {
        get
        {
            var name = Text(0, 100);
            var prefix = IsPosix ? Text(345, 155) : [];
            return prefix.IsEmpty ? new(name) : new([.. prefix, (byte)'/', .. name]);
        }
    }

    /// <summary>Old GNU sparse format: the size of the file with its holes.</summary>
    public long SparseRealSize => Size12("real size", 483);

    /// <summary>Old GNU sparse format: up to four segments here, more in the blocks that follow.</summary>
    public bool ReadSegments(List<TarSegment> segments) => ReadSegments(_block, 386, 4, 482, offset, segments);

    /// <summary>Segments of an old GNU sparse header or extension block; true when another block follows.</summary>
    public static bool ReadSegments(
        ReadOnlySpan<byte> block, int at, int count, int isExtendedAt, long offset, List<TarSegment> segments)
    {
        for (var i = 0; i < count; i++, at += 24)
        {
            if (block[at] == 0) break;
            segments.Add(new(
                TarNumber.Read(block.Slice(at, 12), "sparse offset", offset),
                TarNumber.Read(block.Slice(at + 12, 12), "sparse size", offset)));
        }
        return block[isExtendedAt] != 0;
    }

    /// <exception cref="InvalidDataException">The sum does not match: not a header, or a damaged one.</exception>
    public void CheckSum()
    {
        long unsigned = 0, signed = 0;    // some old tars summed signed bytes
        for (var i = 0; i < Size; i++)
        {
            var value = i is >= 148 and < 156 ? (byte)' ' : _block[i];
            unsigned += value;
            signed += (sbyte)value;
        }
        var stored = Number("checksum", 148, 8);
        if (stored != unsigned && stored != signed)
            throw new InvalidDataException(
                $"tar: header at offset {offset} has checksum {stored}, expected {unsigned}: not a tar archive, or damaged");
    }

    private uint Id(string field, int at)
    {
        var value = Number(field, at, 8);
        return TarNumber.IsId(value)
            ? (uint)value
            : throw new InvalidDataException($"tar: header at offset {offset} has {field} {value}, expected 0 to 2³²−2");
    }

    private long Size12(string field, int at)
    {
        var value = Number(field, at, 12);
        return value >= 0
            ? value
            : throw new InvalidDataException($"tar: header at offset {offset} has a negative {field}");
    }

    private long Number(string field, int at, int length) => TarNumber.Read(_block.Slice(at, length), field, offset);

    private ReadOnlySpan<byte> Text(int at, int length)
    {
        var field = _block.Slice(at, length);
        return field.IndexOf((byte)0) is var end and >= 0 ? field[..end] : field;
    }
}
