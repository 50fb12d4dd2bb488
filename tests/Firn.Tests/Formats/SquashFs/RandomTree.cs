using Firn.Formats.Trees;

namespace Firn.Tests.Formats.SquashFs;

/// <summary>Trees whose names, sizes, holes, repetitions and links are drawn; the same for the same seed. Without devices.</summary>
internal static class RandomTree
{
    public static FileTree Make(int seed, int blockSize)
    {
        var random = new Random(seed);
        var tree = new FileTree();
        var directories = new List<FileNode> { tree.Root };
        var others = new List<FileNode>();
        for (var i = 0; i < 150; i++)
        {
            var parent = directories[random.Next(directories.Count)];
            var node = others.Count > 0 && random.Next(10) == 0 ? others[random.Next(others.Count)] : Node(random, blockSize);
            parent.Children.TryAdd(Name(random), node);
            (node.IsDirectory ? directories : others).Add(node);
        }
        return tree;
    }

    private static FileNode Node(Random random, int blockSize)
    {
        var kind = random.Next(10) switch
        {
            0 or 1 => FileKind.Directory,
            2 => FileKind.Symlink,
            3 => random.Next(2) == 0 ? FileKind.Fifo : FileKind.Socket,
            _ => FileKind.File,
        };
        var node = new FileNode(kind)
        {
            Uid = (uint)random.Next(3),
            Gid = (uint)random.Next(3),
            ModifiedSeconds = random.Next(),
        };
        if (kind == FileKind.Symlink) node.LinkTarget = Name(random);
        else node.Mode = (uint)random.Next(0x1000) | 0x1c0;    // so that who is not root can look at it
        if (kind == FileKind.File) node.Content = FileContent.Of(Content(random, blockSize));
        if (random.Next(4) == 0) node.Attributes = [Images.Attribute("user.a", (byte)random.Next(3))];
        return node;
    }

    private static byte[] Content(Random random, int blockSize)
    {
        var size = random.Next(6) switch
        {
            0 => 0,
            1 => blockSize * random.Next(4),
            2 => Math.Max(0, blockSize * random.Next(4) + random.Next(-1, 2)),
            3 => random.Next(blockSize * 4),
            _ => random.Next(blockSize),
        };
        // Few seeds, so that contents repeat; and pieces of zeros.
        var bytes = Images.Noise(size, seed: random.Next(20));
        for (var block = 0; block < size; block += blockSize)
            if (random.Next(3) == 0) bytes.AsSpan(block, Math.Min(blockSize, size - block)).Clear();
        return bytes;
    }

    // Any bytes but slash and zero, and short enough to repeat sometimes.
    private static ByteString Name(Random random)
    {
        var name = new byte[random.Next(20) == 0 ? 255 : random.Next(1, 12)];
        for (var i = 0; i < name.Length; i++)
            name[i] = random.Next(20) == 0 ? (byte)random.Next(0x80, 0x100) : (byte)"abcdefghij0123456789.-_"[random.Next(23)];
        return name.All(letter => letter == '.') ? ByteString.From("dots") : new ByteString(name);
    }
}
