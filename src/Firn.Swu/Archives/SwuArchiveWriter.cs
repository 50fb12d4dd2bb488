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
    private const int BlockBytes = 512;
    private const uint ReadableFile = 0x1a4;    // 0644

    private uint _inode;
    private long _written;

    /// <summary>The sum that the format asks for: of all bytes, modulo 2^32.</summary>
    public static uint Sum(uint before, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes) before += value;
        return before;
    }

    public void Add(string name, ReadOnlySpan<byte> content)
    {
        WriteHeader(name, (uint)content.Length, Sum(0, content));
        Write(content);
        Pad(CpioEntry.PaddingAfter(content.Length));
    }

    /// <exception cref="InvalidDataException">The file has other bytes than when they were summed.</exception>
    public void Add(string name, Stream content, uint sizeBytes, uint sum)
    {
        WriteHeader(name, sizeBytes, sum);
        var buffer = new byte[1 << 20];
        uint found = 0;
        long done = 0;
        for (int count; (count = content.Read(buffer)) > 0; done += count)
        {
            Write(buffer.AsSpan(0, count));
            found = Sum(found, buffer.AsSpan(0, count));
        }
        if (done != sizeBytes || found != sum) throw new InvalidDataException($"{name}: was changed while it was read");
        Pad(CpioEntry.PaddingAfter(sizeBytes));
    }

    public void End()
    {
        WriteHeader(Encoding.ASCII.GetString(CpioEntry.Trailer), 0, 0);
        Pad((int)(-_written & (BlockBytes - 1)));
    }

    private void WriteHeader(string name, uint sizeBytes, uint sum)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        var isTrailer = bytes.AsSpan().SequenceEqual(CpioEntry.Trailer);
        Span<byte> header = stackalloc byte[CpioEntry.Size];
        new CpioEntry(
            isTrailer ? 0 : ++_inode, isTrailer ? 0 : CpioEntry.TypeBits(FileKind.File) | ReadableFile, 0, 0, 1,
            isTrailer ? 0 : modifiedSeconds, sizeBytes, default, default, (uint)bytes.Length + 1, sum).WriteTo(header);
        Write(header);
        Write(bytes);
        Pad(1 + CpioEntry.PaddingAfter(CpioEntry.Size + bytes.Length + 1));
    }

    private void Pad(int count)
    {
        Span<byte> zeros = stackalloc byte[BlockBytes];
        zeros.Clear();
        Write(zeros[..count]);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        output.Write(bytes);
        _written += bytes.Length;
    }
}
