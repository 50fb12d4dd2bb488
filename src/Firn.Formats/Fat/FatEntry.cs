namespace Firn.Formats.Fat;

/// <summary>A file or directory on a FAT volume.</summary>
/// <param name="Path">From the root, parts separated by <c>/</c>, spelled as on the volume.</param>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="SizeBytes">Of a file; 0 for a directory.</param>
/// <param name="FirstCluster">Where its bytes start; 0 for an empty file and for the root directory of FAT16.</param>
public sealed record FatEntry(string Path, bool IsDirectory, long SizeBytes, uint FirstCluster);

/// <summary>Bytes that lie together on the volume.</summary>
public readonly record struct FatExtent(long OffsetBytes, long LengthBytes);
