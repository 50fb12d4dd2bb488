namespace Firn.Formats.Payloads;

/// <summary>Numbers of the index format, <c>docs/formats/payload.md</c>. All integers are little endian.</summary>
internal static class IndexFormat
{
    public static ReadOnlySpan<byte> Magic => "firn-idx"u8;
    public const ushort Version = 1;

    /// <summary>Magic, version, zero, number of segments, size of the image, number of blocks, zero.</summary>
    public const int HeaderBytes = 32;

    /// <summary>Image bytes, number of blocks, hash.</summary>
    public const int SegmentBytes = sizeof(long) + sizeof(uint) + BlockHash.Size;

    /// <summary>A length of 24 bits and a hash.</summary>
    public const int EntryBytes = 3 + BlockHash.Size;

    public const int MaximumBlockBytes = (1 << 24) - 1;
    public const int MaximumBlocks = 1 << 24;
    public const long MaximumImageBytes = 1L << 40;

    /// <summary>A segment ends after a block whose hash begins with a multiple of this, so an inserted block moves no other end.</summary>
    public const int BlocksPerSegment = 64;
    public const int MaximumBlocksPerSegment = 1024;

    public static InvalidDataException Invalid(string reason) => new($"block index: {reason}");
}
