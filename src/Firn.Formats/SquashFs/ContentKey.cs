using System.Buffers.Binary;
using System.Security.Cryptography;
using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>What two files share when their content is the same, and no two others: size and SHA-256.</summary>
internal readonly record struct ContentKey(long SizeBytes, UInt128 High, UInt128 Low)
{
    public static ContentKey Of(ReadOnlySpan<byte> content)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, digest);
        return From(content.Length, digest);
    }

    /// <summary>Of a file larger than a block, without the blocks that are zero: holes are not read.</summary>
    public static ContentKey Of(FileContent content, int blockSize, Span<byte> buffer)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> offsetBytes = stackalloc byte[sizeof(long)];
        foreach (var offset in BlockOffsets(content, blockSize))
        {
            var block = buffer[..(int)Math.Min(blockSize, content.SizeBytes - offset)];
            content.Read(offset, block);
            if (!block.ContainsAnyExcept((byte)0)) continue;
            BinaryPrimitives.WriteInt64LittleEndian(offsetBytes, offset);
            hash.AppendData(offsetBytes);
            hash.AppendData(block);
        }
        return From(content.SizeBytes, hash.GetHashAndReset());
    }

    /// <summary>Where the blocks begin that the source does not know to be zero.</summary>
    public static IEnumerable<long> BlockOffsets(FileContent content, int blockSize)
    {
        for (var offset = 0L; offset < content.SizeBytes; offset += blockSize)
        {
            offset = Math.Max(offset, content.NextData(offset) / blockSize * blockSize);
            if (offset < content.SizeBytes) yield return offset;
        }
    }

    private static ContentKey From(long sizeBytes, ReadOnlySpan<byte> digest) =>
        new(sizeBytes, BinaryPrimitives.ReadUInt128BigEndian(digest), BinaryPrimitives.ReadUInt128BigEndian(digest[16..]));
}
