using System.Buffers.Binary;
using Firn.Formats.SquashFs;

namespace Firn.Formats.Payloads;

/// <summary>What stored blocks hold.</summary>
public static class BlockContent
{
    private static ReadOnlySpan<byte> ZstdMagic => [0x28, 0xb5, 0x2f, 0xfd];

    /// <summary>
    /// What a stored block holds: decompressed if it is compressed as a block, or behind the two bytes of a metadata block. A
    /// block that only looks so is itself. Who makes a pack and who uses it see the same.
    /// </summary>
    public static int Of(ReadOnlySpan<byte> stored, Span<byte> plain, BlockDecompressor decompress)
    {
        if (TryDecompress(stored, plain, decompress) is { } size) return size;
        const int Header = sizeof(ushort);
        if (stored.Length > Header && BinaryPrimitives.ReadUInt16LittleEndian(stored) is var word && (word & 0x7fff) == stored.Length - Header)
        {
            if (word > 0x7fff) stored = stored[Header..];
            else if (TryDecompress(stored[Header..], plain, decompress) is { } tableSize) return tableSize;
        }
        stored = stored[..Math.Min(stored.Length, plain.Length)];
        stored.CopyTo(plain);
        return stored.Length;
    }

    private static int? TryDecompress(ReadOnlySpan<byte> stored, Span<byte> plain, BlockDecompressor decompress)
    {
        if (!stored.StartsWith(ZstdMagic)) return null;
        try
        {
            return decompress(stored, plain);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
