namespace Firn.Formats.Cpio;

/// <summary>The parts of a cpio archive, one after the other, with the zeros between them; what stands in them is the caller's.</summary>
public sealed class CpioRecords(Stream output)
{
    private const int BlockBytes = 512;

    private long _written;

    /// <param name="entry">With the length of that name and its zero.</param>
    /// <param name="name">Without the zero.</param>
    public void Begin(CpioEntry entry, ReadOnlySpan<byte> name)
    {
        Span<byte> header = stackalloc byte[CpioEntry.Size];
        entry.WriteTo(header);
        Write(header);
        Write(name);
        Pad(1 + CpioEntry.PaddingAfter(CpioEntry.Size + name.Length + 1));
    }

    /// <summary>A piece of the content.</summary>
    public void Write(ReadOnlySpan<byte> piece)
    {
        output.Write(piece);
        _written += piece.Length;
    }

    public void EndContent(long sizeBytes) => Pad(CpioEntry.PaddingAfter(sizeBytes));

    /// <summary>The trailer, and zeros up to a whole block.</summary>
    /// <param name="checksum">Zero in the format "crc", null in "newc".</param>
    public void End(uint? checksum = null)
    {
        Begin(new(0, 0, 0, 0, Links: 1, 0, 0, default, default, (uint)CpioEntry.Trailer.Length + 1, checksum), CpioEntry.Trailer);
        Pad((int)(-_written & (BlockBytes - 1)));
    }

    private void Pad(int count)
    {
        Span<byte> zeros = stackalloc byte[BlockBytes];
        zeros.Clear();
        Write(zeros[..count]);
    }
}
