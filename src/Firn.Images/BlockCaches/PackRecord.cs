using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Firn.Images.BlockCaches;

/// <summary>
/// A compressed block in a pack: a header of 48 bytes, then the block as compressed. A record proves itself: the header
/// ends with the first 8 bytes of the SHA-256 of all else, so a torn or damaged one is never taken for a block.
/// </summary>
/// <param name="Key">Of the plain block.</param>
/// <param name="PlainBytes">Size of the plain block.</param>
/// <param name="StoredBytes">Size of the compressed block; 0 when compression does not make it smaller.</param>
internal readonly record struct PackRecord(BlockKey Key, int PlainBytes, int StoredBytes)
{
    public const int HeaderBytes = BlockKey.SizeBytes + 2 * sizeof(int) + CheckBytes;
    private const int CheckBytes = 8;
    private const int LargestBlock = 1 << 20;

    public int RecordBytes => HeaderBytes + StoredBytes;

    /// <summary>Without the check.</summary>
    public void WriteTo(Span<byte> header)
    {
        Key.WriteTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[BlockKey.SizeBytes..], PlainBytes);
        BinaryPrimitives.WriteInt32LittleEndian(header[(BlockKey.SizeBytes + sizeof(int))..], StoredBytes);
    }

    /// <summary>Header and check, for a block that lies behind the header.</summary>
    public void Seal(Span<byte> record)
    {
        WriteTo(record);
        Check(record).CopyTo(record[(HeaderBytes - CheckBytes)..]);
    }

    /// <summary>Null when the sizes are none a block can have.</summary>
    public static PackRecord? Read(ReadOnlySpan<byte> header)
    {
        var record = new PackRecord(
            BlockKey.Read(header), BinaryPrimitives.ReadInt32LittleEndian(header[BlockKey.SizeBytes..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[(BlockKey.SizeBytes + sizeof(int))..]));
        return record.PlainBytes is > 0 and <= LargestBlock && record.StoredBytes >= 0 && record.StoredBytes < record.PlainBytes
            ? record : null;
    }

    /// <summary>Whether a whole record is what was once sealed.</summary>
    public static bool IsSealed(ReadOnlySpan<byte> record) =>
        Check(record).AsSpan().SequenceEqual(record.Slice(HeaderBytes - CheckBytes, CheckBytes));

    private static byte[] Check(ReadOnlySpan<byte> record)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(record[..(HeaderBytes - CheckBytes)]);
        hash.AppendData(record[HeaderBytes..]);
        return hash.GetHashAndReset()[..CheckBytes];
    }
}
