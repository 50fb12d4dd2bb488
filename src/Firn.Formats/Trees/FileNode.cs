using System.Collections.Immutable;

namespace Firn.Formats.Trees;

public enum FileKind { File, Directory, Symlink, CharacterDevice, BlockDevice, Fifo, Socket }

public readonly record struct DeviceNumber(uint Major, uint Minor);

/// <summary>An extended attribute with its full name, e.g. <c>security.capability</c>.</summary>
public sealed record ExtendedAttribute(ByteString Name, ImmutableArray<byte> Value);

/// <summary>
/// An inode: what a name in a directory stands for. Two names that hold the same object are hard links of each other.
/// </summary>
public sealed class FileNode(FileKind kind)
{
    public FileKind Kind { get; } = kind;

    /// <summary>Permission, set-id and sticky bits (07777).</summary>
    public uint Mode { get; set; } = kind switch { FileKind.Directory => 0x1ed, FileKind.Symlink => 0x1ff, _ => 0x1a4 };
    public uint Uid { get; set; }
    public uint Gid { get; set; }

    /// <summary>Last modification, whole seconds since 1970 UTC.</summary>
    public long ModifiedSeconds { get; set; }

    /// <summary>Sorted by name, each name once.</summary>
    public ImmutableArray<ExtendedAttribute> Attributes { get; set; } = [];

    /// <summary>Of a regular file; otherwise <see cref="FileContent.Empty"/>.</summary>
    public FileContent Content { get; set; } = FileContent.Empty;

    /// <summary>Of a symbolic link; otherwise empty.</summary>
    public ByteString LinkTarget { get; set; }

    /// <summary>Of a device node; otherwise 0:0.</summary>
    public DeviceNumber Device { get; set; }

    /// <summary>Of a directory, in byte order; otherwise empty.</summary>
    public SortedDictionary<ByteString, FileNode> Children => field ??= [];

    public bool IsDirectory => Kind == FileKind.Directory;
}
