using System.Security.Cryptography;
using System.Text;
using Firn.Formats.SquashFs;
using Firn.Formats.Trees;
using Firn.Linux.Compression;

namespace Firn.Tests.Formats.SquashFs;

/// <summary>Short ways to images and back, and a text that tells all of a tree.</summary>
internal static class Images
{
    public const int Level = 3;

    /// <summary>Small blocks, so that small files show what large ones do.</summary>
    public static SquashFsOptions Options { get; } = new() { Level = Level, BlockSizeBytes = 4096, Threads = 2 };

    public static byte[] Write(FileTree tree, SquashFsOptions? options = null, Func<BlockCompressor>? newCompressor = null)
    {
        var image = new MemoryStream();
        SquashFsWriter.Write(tree, image, options ?? Options, newCompressor ?? (() => new ZstdCompressor(Level).Compress));
        return image.ToArray();
    }

    /// <summary>Every block as it is: the bytes of such an image do not depend on zstd.</summary>
    public static byte[] WriteRaw(FileTree tree) => Write(tree, Options, () => (_, _) => 0);

    public static SquashFsReader Open(byte[] image) =>
        SquashFsReader.Open(FileContent.Of(image), () => new ZstdDecompressor().Decompress, () => Xz.Decompress);

    public static FileNode File(ReadOnlyMemory<byte> content) => new(FileKind.File) { Content = FileContent.Of(content) };

    public static ExtendedAttribute Attribute(string name, params byte[] value) => new(name, [.. value]);

    /// <summary>Bytes that do not compress, the same for the same seed.</summary>
    public static byte[] Noise(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>One line for each name; names of one inode tell the first of them.</summary>
    public static string Describe(FileTree tree)
    {
        var text = new StringBuilder();
        var names = new Dictionary<FileNode, string>();
        foreach (var (path, node) in tree.Walk().Prepend(("", tree.Root)))
            text.AppendLine(names.TryAdd(node, path) ? $"/{path}: {Describe(node)}" : $"/{path}: link to /{names[node]}");
        return text.ToString();
    }

    private static string Describe(FileNode node)
    {
        var attributes = string.Join(", ", node.Attributes.Select(a => $"{a.Name}={Convert.ToHexString(a.Value.AsSpan())}"));
        return $"{node.Kind} {Convert.ToString(node.Mode, 8)} {node.Uid}:{node.Gid} at {node.ModifiedSeconds} "
            + $"{node.Device.Major}:{node.Device.Minor} -> '{node.LinkTarget}' [{attributes}] "
            + $"{node.Content.SizeBytes} {Convert.ToHexString(SHA256.HashData(node.Content.ReadAll()))[..16]}";
    }

    /// <summary>Every kind of node, with what each can have.</summary>
    public static FileTree Everything()
    {
        var tree = new FileTree { Root = { Mode = 0x1ff, ModifiedSeconds = 1_700_000_000, Attributes = [Attribute("user.root", 1)] } };
        tree.Put("etc/hostname", new(FileKind.File) { Content = FileContent.Of("firn\n"), ModifiedSeconds = 1, Mode = 0x180 });
        tree.Put("etc/empty", File(Array.Empty<byte>()));
        tree.Put("bin/tool", new(FileKind.File) { Content = FileContent.Of(Noise(10_000)), Mode = 0xded, Uid = 4_000_000_000, Gid = 7 });
        tree.Find("bin/tool")!.Attributes = [Attribute("security.capability", 1, 0, 0, 2, 0, 0x20, 0, 0), Attribute("user.a", [])];
        tree.Put("bin/link", tree.Find("bin/tool")!);
        tree.Put("bin/a/deeper/link", tree.Find("bin/tool")!);
        tree.Put("bin/same", new(FileKind.File) { Content = FileContent.Of(Noise(10_000)) });
        tree.Put("lib", new(FileKind.Symlink) { LinkTarget = "usr/lib", Attributes = [Attribute("trusted.t", 0, 255)] });
        tree.Put("lib64", new(FileKind.Symlink) { LinkTarget = new([0xff, 0xfe]) });
        tree.Put("dev/null", new(FileKind.CharacterDevice) { Device = new(1, 3), Mode = 0x1b6 });
        tree.Put("dev/whiteout", new(FileKind.CharacterDevice) { Attributes = [Attribute("user.a", [])] });
        tree.Put("dev/vda", new(FileKind.BlockDevice) { Device = new(254, 3), Gid = 6 });
        tree.Put("dev/far", new(FileKind.BlockDevice) { Device = new(4095, 0xfffff) });
        tree.Put("dev/fifo", new(FileKind.Fifo) { Attributes = [Attribute("user.a", [])] });
        tree.Put("dev/socket", new(FileKind.Socket));
        tree.Put("dev/second-socket", tree.Find("dev/socket")!);
        tree.Put("var/holes", File((byte[])[.. new byte[8192], .. Noise(4096), .. new byte[4096], 1]));
        tree.Put("var/zeros", File(new byte[9000]));
        tree.Put("var/few-zeros", File(new byte[5]));
        tree.Put("var/whole-blocks", File(Noise(8192, seed: 2)));
        tree.Put("var/empty", new(FileKind.Directory) { Mode = 0x3ff, Attributes = [Attribute("user.long", Noise(100, seed: 3))] });
        tree.Put("var/other", new(FileKind.Directory) { Attributes = [Attribute("user.another", Noise(100, seed: 3))] });
        tree.Root.Children[new([0x80, 0xff])] = File(Noise(3, seed: 4));
        tree.Root.Children[new(Enumerable.Repeat((byte)'n', 255).ToArray())] = File(Noise(4, seed: 5));
        return tree;
    }
}
