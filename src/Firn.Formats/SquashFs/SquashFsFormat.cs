using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>Numbers of squashfs 4.0, as in Linux' <c>fs/squashfs/squashfs_fs.h</c>. All integers are little endian.</summary>
internal static class SquashFsFormat
{
    public const uint Magic = 0x73717368;    // "hsqs"
    public const int SuperblockSize = 96;
    public const int MetadataBlockSize = 8192;
    public const int ImageAlignment = 4096;
    public const int DefaultZstdLevel = 15;    // of an image without compressor options

    /// <summary>In the header of a metadata block: stored as it is.</summary>
    public const ushort RawMetadata = 0x8000;
    /// <summary>In the size word of a data or fragment block: stored as it is. A word of 0 is a hole.</summary>
    public const uint RawBlock = 1 << 24;

    public const long NoTable = -1;
    public const uint NoFragment = uint.MaxValue;
    public const uint NoAttributes = uint.MaxValue;

    /// <summary>An extended inode's type is the basic one's plus this.</summary>
    public const int ExtendedType = 7;

    public const int MaximumNameLength = 256;
    public const int EntriesPerHeader = 256;
    /// <summary>A listing's size counts "." and "..", which are not stored.</summary>
    public const int ListingSizeExcess = 3;

    /// <summary>In the type of an attribute: the value is a reference to where it is stored.</summary>
    public const ushort ValueOutOfLine = 0x100;

    public static uint Encode(DeviceNumber device) =>
        device.Major << 8 | device.Minor & 0xff | (device.Minor & ~0xffu) << 12;

    public static DeviceNumber DecodeDevice(uint device) =>
        new(device >> 8 & 0xfff, device & 0xff | device >> 12 & 0xfff00);
}

/// <summary>Type of a basic inode and of a directory entry.</summary>
internal enum InodeType : ushort { Directory = 1, File, Symlink, BlockDevice, CharacterDevice, Fifo, Socket }

[Flags]
internal enum SuperblockFlags : ushort
{
    NoDuplicates = 0x40,    // duplicates were looked for
    Exportable = 0x80,
    CompressorOptions = 0x400,
}
