using System.Buffers.Binary;
using System.Text;

namespace Firn.Formats.Ext4;

/// <summary>
/// What the first superblock of an ext2, ext3 or ext4 filesystem says of its size. Kernel documentation,
/// filesystems/ext4, "The Super Block"; the rest of it is left to e2fsprogs.
/// </summary>
/// <param name="BlockCount">Blocks of the filesystem.</param>
/// <param name="BlockBytes">1024 to 65536.</param>
/// <param name="Label">Up to 16 bytes.</param>
public sealed record Ext4Superblock(long BlockCount, int BlockBytes, string Label)
{
    /// <summary>Where it is on the volume.</summary>
    public const int Offset = 1024;
    public const int Size = 1024;

    private const ushort Magic = 0xef53;
    private const uint Incompatible64Bit = 0x80;
    private const int LargestBlockShift = 6;

    public long SizeBytes => BlockCount * BlockBytes;

    /// <summary>Null where there is no such filesystem.</summary>
    /// <exception cref="InvalidDataException">There is one, but it cannot be so.</exception>
    public static Ext4Superblock? Read(ReadOnlySpan<byte> superblock)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(superblock.Length, Size);
        if (BinaryPrimitives.ReadUInt16LittleEndian(superblock[0x38..]) != Magic) return null;
        var shift = BinaryPrimitives.ReadUInt32LittleEndian(superblock[0x18..]);
        if (shift > LargestBlockShift)
            throw new InvalidDataException($"ext superblock: blocks of 2^{10L + shift} bytes, expected up to 65536");
        ulong blocks = BinaryPrimitives.ReadUInt32LittleEndian(superblock[0x4..]);
        if ((BinaryPrimitives.ReadUInt32LittleEndian(superblock[0x60..]) & Incompatible64Bit) != 0)
            blocks |= (ulong)BinaryPrimitives.ReadUInt32LittleEndian(superblock[0x150..]) << 32;
        if (blocks == 0 || blocks > (ulong)long.MaxValue >> (10 + (int)shift))
            throw new InvalidDataException($"ext superblock: {blocks} blocks cannot be");
        return new((long)blocks, 1024 << (int)shift, Encoding.Latin1.GetString(superblock.Slice(0x78, 16)).TrimEnd('\0'));
    }
}
