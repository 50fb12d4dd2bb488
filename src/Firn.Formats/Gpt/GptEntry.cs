using System.Buffers.Binary;

namespace Firn.Formats.Gpt;

/// <summary>One entry of the table: UEFI specification 2.10, table 5.6. A type of all zeros means it is unused.</summary>
internal static class GptEntry
{
    public const int Size = 128;
    public const int NameUnits = 36;
    private const int NameOffset = 56;

    public static void Write(Span<byte> entry, GptPartition partition)
    {
        partition.Type.TryWriteBytes(entry);
        partition.Id.TryWriteBytes(entry[16..]);
        BinaryPrimitives.WriteInt64LittleEndian(entry[32..], partition.FirstSector);
        BinaryPrimitives.WriteInt64LittleEndian(entry[40..], partition.LastSector);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[48..], partition.Attributes);
        for (var unit = 0; unit < partition.Name.Length; unit++)
            BinaryPrimitives.WriteUInt16LittleEndian(entry[(NameOffset + 2 * unit)..], partition.Name[unit]);
    }

    /// <summary>The partition an entry describes, or null if it is unused.</summary>
    /// <exception cref="InvalidDataException">The partition is not within the header's usable sectors.</exception>
    public static GptPartition? Read(ReadOnlySpan<byte> entry, int number, GptHeader header)
    {
        var type = new Guid(entry[..16]);
        if (type == Guid.Empty) return null;
        var first = BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]);
        var last = BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]);
        if (first < (ulong)header.FirstUsable || last > (ulong)header.LastUsable || first > last)
            throw new InvalidDataException(
                $"partition {number} is sectors {first} to {last}, outside of {header.FirstUsable} to {header.LastUsable}");
        return new(number, ReadName(entry.Slice(NameOffset, 2 * NameUnits)), type, new(entry.Slice(16, 16)),
            (long)first, (long)last, BinaryPrimitives.ReadUInt64LittleEndian(entry[48..]));
    }

    /// <summary>Unit by unit, so that a name that is not proper UTF-16 comes back as it was.</summary>
    private static string ReadName(ReadOnlySpan<byte> bytes)
    {
        Span<char> name = stackalloc char[NameUnits];
        for (var unit = 0; unit < NameUnits; unit++)
            name[unit] = (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * unit)..]);
        var end = name.IndexOf('\0');
        return new(end < 0 ? name : name[..end]);
    }
}
