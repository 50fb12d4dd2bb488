namespace Firn.Formats.SquashFs;

/// <summary>
/// Decompresses a block of the LZ4 block format ("LZ4 Block Format Description"): sequences of a token, literals and a
/// match within what was written before. The last sequence ends after its literals.
/// </summary>
internal static class Lz4
{
    private const int ShortestMatch = 4;

    public static int Decompress(ReadOnlySpan<byte> compressed, Span<byte> plain)
    {
        var (from, to) = (0, 0);
        while (true)
        {
            if (from >= compressed.Length) throw Damaged();
            var token = compressed[from++];
            var literals = Length(token >> 4, compressed, ref from);
            if (literals > compressed.Length - from || literals > plain.Length - to) throw Damaged();
            compressed.Slice(from, literals).CopyTo(plain[to..]);
            (from, to) = (from + literals, to + literals);
            if (from == compressed.Length) return to;

            if (compressed.Length - from < 2) throw Damaged();
            var distance = compressed[from] | compressed[from + 1] << 8;
            from += 2;
            var match = Length(token & 15, compressed, ref from) + ShortestMatch;
            if (distance == 0 || distance > to || match > plain.Length - to) throw Damaged();
            // A match may reach into what it writes: then it repeats what lies between.
            for (var end = to + match; to < end;)
            {
                var part = Math.Min(distance, end - to);
                plain.Slice(to - distance, part).CopyTo(plain[to..]);
                to += part;
            }
        }
    }

    // 15 goes on in the next bytes, up to and with the first that is not 255.
    private static int Length(int nibble, ReadOnlySpan<byte> compressed, ref int from)
    {
        var length = nibble;
        for (var part = nibble == 15 ? 255 : 0; part == 255; length += part)
            part = from < compressed.Length ? compressed[from++] : throw Damaged();
        return length;
    }

    private static InvalidDataException Damaged() => ImageReader.Invalid("lz4 block is damaged");
}
