namespace Firn.Formats.Payloads;

/// <summary>Numbers of the pack format, <c>docs/formats/payload.md</c>. All integers are little endian.</summary>
internal static class PackFormat
{
    public static ReadOnlySpan<byte> Magic => "firn-pak"u8;
    public const ushort Version = 1;

    /// <summary>Magic, version, length of the encoder, number of frames, block size, zero, hashes of the old and new index.</summary>
    public const int HeaderBytes = 88;

    /// <summary>Stored size, number of blocks, hash.</summary>
    public const int FrameBytes = sizeof(uint) + sizeof(uint) + BlockHash.Size;

    public const int MaximumFrames = 1 << 16;
    public const int MaximumFrameBytes = 64 << 20;
    public const int MaximumEncoderBytes = 200;

    /// <summary>Of a content that is packed again as a whole, packed or not: it bounds memory.</summary>
    public const int MaximumRepackBytes = 8 << 20;
    public const int MaximumReferences = 2;

    /// <summary>Packers want room for the worst; with less they may write other bytes.</summary>
    public static int PackerRoom(int contentBytes) => contentBytes + contentBytes / 128 + (64 << 10);

    /// <summary>Places in contents that are unpacked begin here, each a multiple further on; places of old blocks are below.</summary>
    public const long UnpackedBase = 1L << 48;
    public const long UnpackedStride = 1L << 32;

    public static InvalidDataException Invalid(string reason) => new($"pack: {reason}");
}
