using System.Buffers.Binary;
using System.Numerics;

namespace Firn.Formats.SquashFs;

/// <summary>
/// The first 96 bytes of an image (<c>struct squashfs_super_block</c> of Linux' <c>fs/squashfs/squashfs_fs.h</c>).
/// Positions are bytes from the image's start; -1 is a table that is not there.
/// </summary>
public sealed record SquashFsSuperblock
{
    public uint InodeCount { get; init; }
    /// <summary>When the filesystem was made, seconds since 1970 UTC.</summary>
    public uint ModifiedSeconds { get; init; }
    public int BlockSizeBytes { get; init; }
    public uint FragmentCount { get; init; }
    public SquashFsCompression Compression { get; init; }
    public ushort Flags { get; init; }
    public ushort IdCount { get; init; }
    public ulong RootInode { get; init; }
    /// <summary>Size of the image without the zeros that fill its last 4 KiB.</summary>
    public long BytesUsed { get; init; }
    public long IdTable { get; init; }
    public long AttributeTable { get; init; }
    public long InodeTable { get; init; }
    public long DirectoryTable { get; init; }
    public long FragmentTable { get; init; }
    public long ExportTable { get; init; }

    /// <summary>Size of the image in whole 4 KiB, as block devices want it.</summary>
    public long PaddedBytes =>
        (BytesUsed + SquashFsFormat.ImageAlignment - 1) / SquashFsFormat.ImageAlignment * SquashFsFormat.ImageAlignment;

    internal void WriteTo(Span<byte> block)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(block, SquashFsFormat.Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(block[4..], InodeCount);
        BinaryPrimitives.WriteUInt32LittleEndian(block[8..], ModifiedSeconds);
        BinaryPrimitives.WriteInt32LittleEndian(block[12..], BlockSizeBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(block[16..], FragmentCount);
        BinaryPrimitives.WriteUInt16LittleEndian(block[20..], (ushort)Compression);
        BinaryPrimitives.WriteUInt16LittleEndian(block[22..], (ushort)BitOperations.Log2((uint)BlockSizeBytes));
        BinaryPrimitives.WriteUInt16LittleEndian(block[24..], Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(block[26..], IdCount);
        BinaryPrimitives.WriteUInt16LittleEndian(block[28..], 4);    // version 4.0
        BinaryPrimitives.WriteUInt16LittleEndian(block[30..], 0);
        BinaryPrimitives.WriteUInt64LittleEndian(block[32..], RootInode);
        BinaryPrimitives.WriteInt64LittleEndian(block[40..], BytesUsed);
        BinaryPrimitives.WriteInt64LittleEndian(block[48..], IdTable);
        BinaryPrimitives.WriteInt64LittleEndian(block[56..], AttributeTable);
        BinaryPrimitives.WriteInt64LittleEndian(block[64..], InodeTable);
        BinaryPrimitives.WriteInt64LittleEndian(block[72..], DirectoryTable);
        BinaryPrimitives.WriteInt64LittleEndian(block[80..], FragmentTable);
        BinaryPrimitives.WriteInt64LittleEndian(block[88..], ExportTable);
    }

    /// <exception cref="InvalidDataException">Not squashfs 4.0, or the numbers contradict each other.</exception>
    internal static SquashFsSuperblock Read(ReadOnlySpan<byte> block, long imageSizeBytes)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(block) is var magic and not SquashFsFormat.Magic)
            throw ImageReader.Invalid($"magic is 0x{magic:x8}, expected 0x{SquashFsFormat.Magic:x8}");
        var major = BinaryPrimitives.ReadUInt16LittleEndian(block[28..]);
        var minor = BinaryPrimitives.ReadUInt16LittleEndian(block[30..]);
        if ((major, minor) is not (4, 0)) throw ImageReader.Invalid($"version is {major}.{minor}, expected 4.0");
        var read = new SquashFsSuperblock
        {
            InodeCount = BinaryPrimitives.ReadUInt32LittleEndian(block[4..]),
            ModifiedSeconds = BinaryPrimitives.ReadUInt32LittleEndian(block[8..]),
            BlockSizeBytes = BinaryPrimitives.ReadInt32LittleEndian(block[12..]),
            FragmentCount = BinaryPrimitives.ReadUInt32LittleEndian(block[16..]),
            Compression = (SquashFsCompression)BinaryPrimitives.ReadUInt16LittleEndian(block[20..]),
            Flags = BinaryPrimitives.ReadUInt16LittleEndian(block[24..]),
            IdCount = BinaryPrimitives.ReadUInt16LittleEndian(block[26..]),
            RootInode = BinaryPrimitives.ReadUInt64LittleEndian(block[32..]),
            BytesUsed = BinaryPrimitives.ReadInt64LittleEndian(block[40..]),
            IdTable = BinaryPrimitives.ReadInt64LittleEndian(block[48..]),
            AttributeTable = BinaryPrimitives.ReadInt64LittleEndian(block[56..]),
            InodeTable = BinaryPrimitives.ReadInt64LittleEndian(block[64..]),
            DirectoryTable = BinaryPrimitives.ReadInt64LittleEndian(block[72..]),
            FragmentTable = BinaryPrimitives.ReadInt64LittleEndian(block[80..]),
            ExportTable = BinaryPrimitives.ReadInt64LittleEndian(block[88..]),
        };
        read.Check(BinaryPrimitives.ReadUInt16LittleEndian(block[22..]), imageSizeBytes);
        return read;
    }

    private void Check(int blockSizeLog, long imageSizeBytes)
    {
        if (BlockSizeBytes is < SquashFsOptions.MinimumBlockSizeBytes or > SquashFsOptions.MaximumBlockSizeBytes
            || !BitOperations.IsPow2(BlockSizeBytes) || BlockSizeBytes != 1 << blockSizeLog)
            throw ImageReader.Invalid($"block size is {BlockSizeBytes} with logarithm {blockSizeLog}");
        if (BytesUsed < SquashFsFormat.SuperblockSize || BytesUsed > imageSizeBytes)
            throw ImageReader.Invalid($"{BytesUsed} bytes are used of an image of {imageSizeBytes}");
        if (IdCount == 0) throw ImageReader.Invalid("there are no user or group ids");
        CheckTable("inode", InodeTable);
        CheckTable("directory", DirectoryTable);
        CheckTable("id", IdTable);
        if (FragmentCount > 0) CheckTable("fragment", FragmentTable);
        if (AttributeTable != SquashFsFormat.NoTable) CheckTable("attribute", AttributeTable);
        if (DirectoryTable <= InodeTable)
            throw ImageReader.Invalid($"directory table at {DirectoryTable}, inode table at {InodeTable}");
    }

    private void CheckTable(string name, long position)
    {
        if (position < SquashFsFormat.SuperblockSize || position >= BytesUsed)
            throw ImageReader.Invalid($"{name} table at {position} of {BytesUsed} bytes");
    }
}
