using System.Buffers.Binary;
using System.Text;

namespace Firn.Tests.Formats.Elf;

/// <summary>Puts the smallest ELF files together that the readers under test can be shown.</summary>
internal static class SmallElf
{
    private const ulong LoadAddress = 0x400000;

    /// <summary>A program with the given dynamic entries; values of string tags are made offsets of their strings.</summary>
    public static byte[] Dynamic(string? interpreter, params (ulong Tag, string Text)[] entries)
    {
        var table = new StringBuilder("\0");
        var values = entries.Select(entry =>
        {
            var at = table.Length;
            table.Append(entry.Text).Append('\0');
            return (entry.Tag, Value: (ulong)at);
        }).ToList();

        const int headerBytes = 64 + 3 * 56;
        var text = Encoding.ASCII.GetBytes(table.ToString());
        var loader = Encoding.ASCII.GetBytes($"{interpreter}\0");
        var dynamicAt = headerBytes + text.Length + loader.Length;
        values.Add((5, LoadAddress + headerBytes));
        values.Add((10, (ulong)text.Length));
        values.Add((0, 0));
        byte[] dynamic = [.. values.SelectMany(entry => new[] { entry.Tag, entry.Value }).SelectMany(BitConverter.GetBytes)];

        var file = new byte[dynamicAt + dynamic.Length];
        WriteHeader(file, segments: 3, sections: 0, sectionsAt: 0);
        WriteSegment(file.AsSpan(64), type: 1, offset: 0, LoadAddress, file.Length);
        WriteSegment(file.AsSpan(64 + 56), type: 2, dynamicAt, LoadAddress + (ulong)dynamicAt, dynamic.Length);
        WriteSegment(file.AsSpan(64 + 112), type: interpreter is null ? 4u : 3u, headerBytes + text.Length, 0, loader.Length);
        text.CopyTo(file, headerBytes);
        loader.CopyTo(file, headerBytes + text.Length);
        dynamic.CopyTo(file, dynamicAt);
        return file;
    }

    /// <summary>A module with one section besides that of the names.</summary>
    public static byte[] WithSection(string name, string content)
    {
        var names = Encoding.ASCII.GetBytes($"\0{name}\0");
        var bytes = Encoding.ASCII.GetBytes(content);
        var sectionsAt = 64 + names.Length + bytes.Length;
        var file = new byte[sectionsAt + 3 * 64];
        WriteHeader(file, segments: 0, sections: 3, sectionsAt);
        names.CopyTo(file, 64);
        bytes.CopyTo(file, 64 + names.Length);
        WriteSection(file.AsSpan(sectionsAt + 64), name: 0, 64, names.Length);
        WriteSection(file.AsSpan(sectionsAt + 128), name: 1, 64 + names.Length, bytes.Length);
        return file;
    }

    private static void WriteHeader(Span<byte> file, ushort segments, ushort sections, int sectionsAt)
    {
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(file);
        BinaryPrimitives.WriteUInt64LittleEndian(file[32..], 64);
        BinaryPrimitives.WriteUInt64LittleEndian(file[40..], (ulong)sectionsAt);
        BinaryPrimitives.WriteUInt16LittleEndian(file[54..], 56);
        BinaryPrimitives.WriteUInt16LittleEndian(file[56..], segments);
        BinaryPrimitives.WriteUInt16LittleEndian(file[58..], 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file[60..], sections);
        BinaryPrimitives.WriteUInt16LittleEndian(file[62..], 1);
    }

    private static void WriteSegment(Span<byte> header, uint type, int offset, ulong address, int size)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, type);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], (ulong)offset);
        BinaryPrimitives.WriteUInt64LittleEndian(header[16..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)size);
    }

    private static void WriteSection(Span<byte> header, uint name, int offset, int size)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, name);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], (ulong)offset);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)size);
    }
}
