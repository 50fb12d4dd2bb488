using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Firn.Formats.Payloads;

/// <summary>A SHA-256 that is compared and looked up more often than shown.</summary>
public readonly record struct BlockHash(UInt128 High, UInt128 Low)
{
    public const int Size = SHA256.HashSizeInBytes;

    /// <summary>What an index says of a block that is all zeros: it is neither stored nor fetched.</summary>
    public static BlockHash OfZeros => default;

    public static BlockHash Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[Size];
        SHA256.HashData(bytes, digest);
        return Read(digest);
    }

    public static BlockHash Read(ReadOnlySpan<byte> digest) => MemoryMarshal.Read<BlockHash>(digest);

    public void WriteTo(Span<byte> digest) => MemoryMarshal.Write(digest, this);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> digest = stackalloc byte[Size];
        WriteTo(digest);
        return Convert.ToHexStringLower(digest);
    }
}
