using System.Collections.Immutable;
using Firn.Formats.Trees;

namespace Firn.Formats.Tar;

/// <summary>Bytes of a sparse file that are stored; everything between two of them is zeros.</summary>
public readonly record struct TarSegment(long Offset, long SizeBytes);

/// <summary>One member of an archive, with all extension headers before it already applied.</summary>
/// <param name="Name">As stored, possibly with <c>./</c>, <c>..</c> or a leading slash: <see cref="TarTree"/> judges it.</param>
/// <param name="HeaderOffset">Where its header is; for messages.</param>
public sealed record TarEntry(ByteString Name, long HeaderOffset)
{
    /// <summary>What kind of file; meaningless when <see cref="IsHardLink"/>.</summary>
    public FileKind Kind { get; init; }

    /// <summary>Another name of the member called <see cref="LinkTarget"/>.</summary>
    public bool IsHardLink { get; init; }

    /// <summary>Of a symbolic link: its text. Of a hard link: the name of the other member.</summary>
    public ByteString LinkTarget { get; init; }

    public uint Mode { get; init; }
    public uint Uid { get; init; }
    public uint Gid { get; init; }
    public long ModifiedSeconds { get; init; }
    public DeviceNumber Device { get; init; }

    /// <summary>Sorted by name, each name once.</summary>
    public ImmutableArray<ExtendedAttribute> Attributes { get; init; } = [];

    /// <summary>Where the stored bytes of a regular file begin, and how many they are.</summary>
    public long DataOffset { get; init; }

    /// <inheritdoc cref="DataOffset"/>
    public long DataSizeBytes { get; init; }

    /// <summary>Of a sparse file: what is stored, in order, one after the other from <see cref="DataOffset"/>.</summary>
    public ImmutableArray<TarSegment> Segments { get; init; }

    /// <summary>Size of the file; larger than <see cref="DataSizeBytes"/> when it has holes.</summary>
    public long FileSizeBytes { get; init; }

    public bool IsSparse => !Segments.IsDefault;
}
