using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Firn.Formats.SquashFs;
using Firn.Formats.Trees;
using Firn.Linux.Compression;

namespace Firn.SystemTests;

/// <summary>The kernel is the judge that counts: what it shows of a mounted image is what the tree said.</summary>
[SupportedOSPlatform("linux")]
public sealed class LinuxMountsOurSquashFs
{
    [Theory]
    [InlineData(4, 3), InlineData(128, 15), InlineData(1024, 9)]
    public void Everything_in_a_tree_is_in_the_mounted_image(int blockKiB, int level)
    {
        var tree = Everything(blockKiB << 10);

        using var mount = new MountedImage(tree, blockKiB << 10, level);

        Assert.Equal(Expected(tree), mount.Describe());
    }

    [Fact]
    public void Names_are_found_in_a_directory_of_70000()
    {
        var tree = new FileTree();
        var directory = tree.Directory("many");
        for (var i = 0; i < 70_000; i++) directory.Children[$"entry-{i}"] = new(FileKind.File) { Mode = (uint)i & 0x1ff };

        using var mount = new MountedImage(tree, 128 << 10, level: 3);

        for (var i = 0; i < 70_000; i += 77)
            Assert.Equal((UnixFileMode)(i & 0x1ff), File.GetUnixFileMode(mount[$"many/entry-{i}"]));
        Assert.False(File.Exists(mount["many/entry-70000"]));
        Assert.False(File.Exists(mount["many/a"]));
        Assert.False(File.Exists(mount["many/z"]));
        Assert.Equal(70_000, Directory.EnumerateFiles(mount["many"]).Count());
    }

    [Fact]
    public void A_sparse_file_of_5_GiB_has_its_end_and_takes_no_room()
    {
        var tree = new FileTree();
        tree.Put("sparse", new(FileKind.File) { Content = new Sparse(5L << 30, "the end"u8.ToArray()) });

        using var mount = new MountedImage(tree, 128 << 10, level: 3);
        using var file = File.OpenRead(mount["sparse"]);

        Assert.Equal(5L << 30, file.Length);
        file.Position = file.Length - 10;
        var end = new byte[10];
        file.ReadExactly(end);
        Assert.Equal("\0\0\0the end"u8, end);
        Assert.InRange(long.Parse(HostTool.Run("stat", "-c", "%b", mount["sparse"])), 0, 256);
    }

    private static FileTree Everything(int blockSize)
    {
        static ExtendedAttribute Attribute(string name, params byte[] value) => new(name, [.. value]);
        var (noise, random) = (new byte[3 * blockSize + 100], new Random(1));
        random.NextBytes(noise);
        noise.AsSpan(blockSize, blockSize).Clear();
        var longValue = noise[..1000];
        var tree = new FileTree { Root = { Uid = 5, Mode = 0x1c0, ModifiedSeconds = 1_000_000_000 } };
        tree.Put("bin/tool", new(FileKind.File) { Content = FileContent.Of(noise), Mode = 0xded, Gid = 4_000_000_000 });
        tree.Find("bin/tool")!.Attributes =
            [Attribute("security.capability", 1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), Attribute("user.note", longValue)];
        tree.Put("bin/other/link", tree.Find("bin/tool")!);
        tree.Put("copy", new(FileKind.File) { Content = FileContent.Of(noise), ModifiedSeconds = uint.MaxValue });
        tree.Put("zeros", new(FileKind.File) { Content = FileContent.Of(new byte[blockSize + 5]) });
        tree.Put("few-zeros", new(FileKind.File) { Content = FileContent.Of(new byte[5]) });
        tree.Put("empty", new(FileKind.File) { Attributes = [Attribute("trusted.note", longValue), Attribute("user.nothing")] });
        tree.Put("link", new(FileKind.Symlink) { LinkTarget = new([0xff, (byte)'/', 0xfe]), Attributes = [Attribute("trusted.t", 1)] });
        tree.Put("dev/null", new(FileKind.CharacterDevice) { Device = new(1, 3), Mode = 0x1b6 });
        tree.Put("dev/whiteout", new(FileKind.CharacterDevice) { Attributes = [Attribute("trusted.t", 1)] });
        tree.Put("dev/far", new(FileKind.BlockDevice) { Device = new(4095, 0xfffff) });
        tree.Put("dev/fifo", new(FileKind.Fifo) { Attributes = [Attribute("trusted.t", 1)] });
        tree.Put("dev/socket", new(FileKind.Socket) { Mode = 0xfff });
        tree.Put("tmp", new(FileKind.Directory) { Mode = 0x3ff, Attributes = [Attribute("user.dir", longValue)] });
        tree.Root.Children[new([0x80, (byte)'x'])] = new(FileKind.Fifo);
        tree.Root.Children[new(Enumerable.Repeat((byte)'n', 255).ToArray())] = new(FileKind.Directory);
        for (var i = 0; i < 2000; i++)
            tree.Put($"small/{i}", new(FileKind.File) { Content = FileContent.Of(noise[..random.Next(3000)]), Uid = (uint)i });
        return tree;
    }

    private static IEnumerable<string> Expected(FileTree tree)
    {
        var nodes = Walk("", tree.Root).ToList();
        var links = nodes.GroupBy(entry => entry.Node).ToDictionary(group => group.Key, group => group.Count());
        return nodes.Prepend(("", tree.Root)).SelectMany(entry => Lines(entry.Item1, entry.Item2)).Order(StringComparer.Ordinal);

        IEnumerable<string> Lines(string path, FileNode node)
        {
            var count = node.IsDirectory ? 2 + node.Children.Values.Count(child => child.IsDirectory) : links[node];
            yield return $"{path} {"fdlcbps"[(int)node.Kind]} {Convert.ToString(node.Mode, 8)} {node.Uid} {node.Gid} {count} "
                + $"{node.ModifiedSeconds} {Latin1(node.LinkTarget)}";
            if (node.Kind is FileKind.CharacterDevice or FileKind.BlockDevice)
                yield return $"{path} device {node.Device.Major:x}:{node.Device.Minor:x}";
            if (node.Kind == FileKind.File)
                yield return $"{Convert.ToHexStringLower(SHA256.HashData(node.Content.ReadAll()))}  {path}";
            foreach (var attribute in node.Attributes)
                yield return $"{path} {attribute.Name}=0x{Convert.ToHexStringLower(attribute.Value.AsSpan())}";
        }
    }

    private static IEnumerable<(string Path, FileNode Node)> Walk(string prefix, FileNode directory) =>
        directory.Children.SelectMany(child =>
            Walk($"{prefix}{Latin1(child.Key)}/", child.Value).Prepend(($"{prefix}{Latin1(child.Key)}", child.Value)));

    private static string Latin1(ByteString bytes) => Encoding.Latin1.GetString(bytes.Span);

    private sealed class MountedImage : IDisposable
    {
        private readonly string _directory;

        public MountedImage(FileTree tree, int blockSize, int level)
        {
            Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may mount");
            _directory = Directory.CreateTempSubdirectory("firn-squashfs-").FullName;
            var image = Path.Combine(_directory, "image");
            using (var stream = File.Create(image))
                SquashFsWriter.Write(tree, stream, new() { BlockSizeBytes = blockSize, Level = level, Threads = 2 },
                    () => new ZstdCompressor(level).Compress);
            Directory.CreateDirectory(this[""]);
            HostTool.Run("mount", "-t", "squashfs", "-o", "loop,ro", image, this[""]);
        }

        public string this[string path] => Path.Combine(_directory, "mount", path);

        public IEnumerable<string> Describe()
        {
            const string files = """
                cd "$0" && find . -printf '%P %y %m %U %G %n %Ts %l\0' && find . -type f -printf '%P\0' | xargs -0 sha256sum -z &&
                find . \( -type b -o -type c \) -exec stat --printf '%n device %t:%T\0' {} +
                """;
            const string attributes = "cd \"$0\" && getfattr -R -P -h -d -m - -e hex .";
            return HostTool.Run("sh", "-c", files, this[""]).Split('\0', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.StartsWith("./") ? line[2..] : line)
                .Concat(Attributes(HostTool.Run("sh", "-c", attributes, this[""])))
                .Order(StringComparer.Ordinal);
        }

        // "# file: path", its attributes, an empty line.
        private static IEnumerable<string> Attributes(string text)
        {
            var path = "";
            foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                if (line.StartsWith("# file: ")) path = line[8..];
                else yield return $"{path} {line}";
        }

        public void Dispose()
        {
            HostTool.Run("umount", this[""]);
            Directory.Delete(_directory, recursive: true);
        }
    }

    private sealed class Sparse(long sizeBytes, byte[] end) : FileContent
    {
        public override long SizeBytes => sizeBytes;
        public override long NextData(long offset) => Math.Max(offset, sizeBytes - end.Length);

        public override void Read(long offset, Span<byte> destination)
        {
            destination.Clear();
            end.CopyTo(destination[(int)(sizeBytes - end.Length - offset)..]);    // only ever asked for the last block
        }
    }
}
