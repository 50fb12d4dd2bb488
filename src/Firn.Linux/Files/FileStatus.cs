using Firn.Linux.Interop;

namespace Firn.Linux.Files;

public enum FileType { Unknown, File, Directory, Symlink, CharacterDevice, BlockDevice, Fifo, Socket }

/// <summary>
/// What stat says of a name; a symbolic link is described itself, not what it points to. Mode holds permission, set-id
/// and sticky bits (07777); Host is the filesystem's device, which with the inode names the file; Device is what a
/// device node stands for.
/// </summary>
public sealed record FileStatus(
    FileType Type, uint Mode, uint Uid, uint Gid, long SizeBytes, long ModifiedSeconds, uint LinkCount,
    ulong Inode, (uint Major, uint Minor) Host, (uint Major, uint Minor) Device)
{
    internal const int TypeMask = 0xf000;    // S_IFMT
    internal const int RegularType = 0x8000, DirectoryType = 0x4000, SymlinkType = 0xa000;
    internal const int CharacterDeviceType = 0x2000, BlockDeviceType = 0x6000, FifoType = 0x1000, SocketType = 0xc000;

    /// <summary>What mknod calls a device node, FIFO or socket.</summary>
    internal static int FormatOf(FileType type) => type switch
    {
        FileType.CharacterDevice => CharacterDeviceType,
        FileType.BlockDevice => BlockDeviceType,
        FileType.Fifo => FifoType,
        FileType.Socket => SocketType,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>makedev(3), glibc and musl.</summary>
    internal static ulong Encode(uint major, uint minor) =>
        (ulong)(major & 0xfffff000) << 32 | (major & 0xfff) << 8 | (ulong)(minor & 0xffffff00) << 12 | minor & 0xff;

    internal static FileStatus From(in StatX status) => new(
        (status.Mode & TypeMask) switch
        {
            RegularType => FileType.File,
            DirectoryType => FileType.Directory,
            SymlinkType => FileType.Symlink,
            CharacterDeviceType => FileType.CharacterDevice,
            BlockDeviceType => FileType.BlockDevice,
            FifoType => FileType.Fifo,
            SocketType => FileType.Socket,
            _ => FileType.Unknown,
        },
        status.Mode & 0xfffu, status.Uid, status.Gid, (long)status.Size, status.Modified.Seconds, status.LinkCount,
        status.Inode, (status.HostMajor, status.HostMinor), (status.DeviceMajor, status.DeviceMinor));
}
