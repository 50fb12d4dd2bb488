using Firn.Formats.Trees;

namespace Firn.Formats.SquashFs;

/// <summary>Told of a name in an image.</summary>
/// <param name="path">Without a slash before it; until the call is over.</param>
/// <param name="inode">What it stands for, without content and attributes; null unless asked for.</param>
public delegate void NameVisitor(ReadOnlySpan<byte> path, FileNode? inode);
