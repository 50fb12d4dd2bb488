using System.Buffers.Binary;
using System.Text;

namespace Firn.Formats.Elf;

/// <summary>A part of the file that is mapped into memory or means something to the loader.</summary>
/// <param name="Type">PT_….</param>
/// <param name="Address">Where it lies in memory.</param>
/// <param name="Offset">Where it lies in the file.</param>
/// <param name="Size">Bytes it has in the file.</param>
internal readonly record struct ElfSegment(uint Type, ulong Address, ulong Offset, ulong Size);

/// <summary>
/// A 64-bit little-endian ELF file; nothing in it is followed beyond its end. System V ABI (gABI 4.1), chapters 4 and 5.
/// Files of more than 65,279 sections are not understood.
/// </summary>
internal readonly ref struct ElfFile
{
    private const int HeaderBytes = 64, SegmentHeaderBytes = 56, SectionHeaderBytes = 64;
    private const int MaximumStringBytes = 4096;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <exception cref="InvalidDataException">Not a 64-bit little-endian ELF file.</exception>
    public ElfFile(ReadOnlySpan<byte> bytes)
    {
        if (!IsElf(bytes)) throw new InvalidDataException("not an ELF file");
        if (bytes.Length < HeaderBytes) throw new InvalidDataException($"ELF file of {bytes.Length} bytes has no header");
        if (bytes[4] != 2 || bytes[5] != 1) throw new InvalidDataException("ELF file is not 64-bit little-endian");
        _bytes = bytes;
    }

    public static bool IsElf(ReadOnlySpan<byte> bytes) => bytes.StartsWith("\u007fELF"u8);

    public ElfSegment[] Segments()
    {
        var headers = Headers(Read64(_bytes, 32), Read16(_bytes, 54), Read16(_bytes, 56), SegmentHeaderBytes);
        var segments = new ElfSegment[headers.Length / SegmentHeaderBytes];
        for (var index = 0; index < segments.Length; index++)
        {
            var header = headers[(index * SegmentHeaderBytes)..];
            segments[index] = new(Read32(header, 0), Read64(header, 16), Read64(header, 8), Read64(header, 32));
        }
        return segments;
    }

    /// <summary>The bytes of the first section with a name.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public ReadOnlySpan<byte> Section(ReadOnlySpan<byte> name)
    {
        var headers = Headers(Read64(_bytes, 40), Read16(_bytes, 58), Read16(_bytes, 60), SectionHeaderBytes);
        var namesAt = Read16(_bytes, 62) * SectionHeaderBytes;
        if (namesAt >= headers.Length) throw new InvalidDataException("ELF file has no names of sections");
        var names = SectionBytes(headers[namesAt..]);
        for (; !headers.IsEmpty; headers = headers[SectionHeaderBytes..])
            if (StringBytes(names, Read32(headers, 0)).SequenceEqual(name)) return SectionBytes(headers);
        throw new InvalidDataException($"ELF file has no section {Encoding.UTF8.GetString(name)}");
    }

    public ReadOnlySpan<byte> Bytes(ElfSegment segment) => Slice(segment.Offset, segment.Size);

    public ReadOnlySpan<byte> Slice(ulong offset, ulong size) =>
        offset <= (ulong)_bytes.Length && size <= (ulong)_bytes.Length - offset
            ? _bytes.Slice((int)offset, (int)size)
            : throw new InvalidDataException(
                $"ELF file of {_bytes.Length} bytes: {size} bytes at offset {offset} are not there");

    /// <summary>A string of a table.</summary>
    public static string String(ReadOnlySpan<byte> table, ulong offset) =>
        Encoding.UTF8.GetString(StringBytes(table, offset));

    private static ReadOnlySpan<byte> StringBytes(ReadOnlySpan<byte> table, ulong offset)
    {
        if (offset >= (ulong)table.Length)
            throw new InvalidDataException($"ELF file: string at {offset} of a table of {table.Length} bytes");
        var rest = table[(int)offset..];
        var end = rest[..Math.Min(rest.Length, MaximumStringBytes)].IndexOf((byte)0);
        return end >= 0 ? rest[..end] : throw new InvalidDataException($"ELF file: the string at {offset} does not end");
    }

    private ReadOnlySpan<byte> SectionBytes(ReadOnlySpan<byte> header) => Slice(Read64(header, 24), Read64(header, 32));

    public static ulong Read64(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);

    private static uint Read32(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static ushort Read16(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private ReadOnlySpan<byte> Headers(ulong offset, int entryBytes, int count, int expectedBytes)
    {
        if (count == 0) return [];
        if (entryBytes != expectedBytes)
            throw new InvalidDataException($"ELF file: headers of {entryBytes} bytes, expected {expectedBytes}");
        return Slice(offset, (ulong)(count * entryBytes));
    }
}
