using Firn.Formats.Trees;

namespace Firn.Machine.Etc;

/// <summary>When two nodes are the same to a person. Times of modification differ without meaning, so they do not count.</summary>
internal static class NodeComparison
{
    private const int ChunkBytes = 64 << 10;

    /// <summary>The same kind, metadata and content; of directories, all that is in them too.</summary>
    public static bool AreEqual(FileNode? left, FileNode? right)
    {
        if (ReferenceEquals(left, right)) return true;
        if (left is null || right is null || left.Kind != right.Kind || !HaveEqualMetadata(left, right)) return false;
        return left.Kind switch
        {
            FileKind.File => HaveEqualContent(left.Content, right.Content),
            FileKind.Symlink => left.LinkTarget == right.LinkTarget,
            FileKind.CharacterDevice or FileKind.BlockDevice => left.Device == right.Device,
            FileKind.Directory => left.Children.Count == right.Children.Count && left.Children.All(
                child => right.Children.TryGetValue(child.Key, out var other) && AreEqual(child.Value, other)),
            _ => true,
        };
    }

    public static bool HaveEqualMetadata(FileNode left, FileNode right) =>
        (left.Mode == right.Mode || left.Kind == FileKind.Symlink)
        && left.Uid == right.Uid && left.Gid == right.Gid && HaveEqualAttributes(left, right);

    public static bool HaveEqualAttributes(FileNode left, FileNode right) =>
        left.Attributes.Length == right.Attributes.Length && left.Attributes.Zip(right.Attributes).All(
            pair => pair.First.Name == pair.Second.Name && pair.First.Value.AsSpan().SequenceEqual(pair.Second.Value.AsSpan()));

    public static bool HaveEqualContent(FileContent left, FileContent right)
    {
        if (ReferenceEquals(left, right)) return true;
        if (left.SizeBytes != right.SizeBytes) return false;
        var buffers = new byte[2][] { new byte[ChunkBytes], new byte[ChunkBytes] };
        for (long offset = 0; offset < left.SizeBytes; offset += ChunkBytes)
        {
            var count = (int)Math.Min(ChunkBytes, left.SizeBytes - offset);
            left.Read(offset, buffers[0].AsSpan(0, count));
            right.Read(offset, buffers[1].AsSpan(0, count));
            if (!buffers[0].AsSpan(0, count).SequenceEqual(buffers[1].AsSpan(0, count))) return false;
        }
        return true;
    }
}
