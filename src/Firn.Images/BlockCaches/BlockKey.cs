using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Firn.Images.BlockCaches;

/// <summary>SHA-256 of a block before compression.</summary>
internal readonly record struct BlockKey(UInt128 High, UInt128 Low)
{
    public const int SizeBytes = SHA256.HashSizeInBytes;

    public static BlockKey Of(ReadOnlySpan<byte> plain)
    {
        Span<byte> digest = stackalloc byte[SizeBytes];
        SHA256.HashData(plain, digest);
        return Read(digest);
    }

    public static BlockKey Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));

    public void WriteTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt128BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt128BigEndian(bytes[16..], Low);
    }

    // As good as random already.
    public override int GetHashCode() => (int)Low;
}
