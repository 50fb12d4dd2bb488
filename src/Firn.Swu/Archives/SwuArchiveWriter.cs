using System.Text;
using Firn.Formats.Cpio;
using Firn.Formats.Trees;

namespace Firn.Swu.Archives;

/// <summary>
/// Writes a cpio archive of the format "crc", which differs from "newc" by its magic and by the sum of its content's bytes in
/// each header. Names, times and numbers follow from what is written: the same members give the same bytes.
/// </summary>
public sealed class SwuArchiveWriter(Stream output, uint modifiedSeconds)
{
    private const uint ReadableFile = 0x1a4;    // 0644

    private readonly CpioRecords _records = new(output);
    private uint _inode;

    /// <summary>The sum that the format asks for: of all bytes, modulo 2^32.</summary>
    public static uint Sum(uint before, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes) before += value;
        return before;
    }

    public void Add(string name, ReadOnlySpan<byte> content)
    {
        Begin(name, (uint)content.Length, Sum(0, content));
        _records.Write(content);
        _records.EndContent(content.Length);
    }

    /// <exception cref="InvalidDataException">The file has other bytes than when they were summed.</exception>
    public void Add(string name, Stream content, uint sizeBytes, uint sum)
    {
        Begin(name, sizeBytes, sum);
        var buffer = new byte[1 << 20];
        uint found = 0;
        long done = 0;
        for (int count; (count = content.Read(buffer)) > 0; done += count)
        {
            _records.Write(buffer.AsSpan(0, count));
            found = Sum(found, buffer.AsSpan(0, count));
        }
        if (done != sizeBytes || found != sum) throw new InvalidDataException($"{name}: was changed while it was read");
        _records.EndContent(sizeBytes);
    }

    public void End() => _records.End(checksum: 0);

    private void Begin(string name, uint sizeBytes, uint sum)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        _records.Begin(
            new(++_inode, CpioEntry.TypeBits(FileKind.File) | ReadableFile, 0, 0, Links: 1, modifiedSeconds, sizeBytes, default, default, (uint)bytes.Length + 1, sum),
            bytes);
    }
}
