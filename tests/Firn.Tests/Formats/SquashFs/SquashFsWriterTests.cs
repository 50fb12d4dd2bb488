using System.Text;
using Firn.Formats.SquashFs;
using Firn.Formats.Tar;
using Firn.Formats.Trees;
using Firn.Linux.Compression;

namespace Firn.Tests.Formats.SquashFs;

public sealed class SquashFsWriterTests
{
    [Fact]
    public void An_image_has_the_bytes_the_format_says()
    {
        var tree = new FileTree { Root = { ModifiedSeconds = 0x11223344 } };
        tree.Put("a", new(FileKind.File) { Content = FileContent.Of("hi"), Uid = 1000, ModifiedSeconds = 0x55667788 });

        var image = Images.WriteRaw(tree);

        Assert.Equal(4096, image.Length);
        Assert.Equal(
            "68737173" + "02000000" + "00000000" + "00100000" + "01000000" + "0600" + "0C00" + "C004" + "0200" + "0400" + "0000"
            + "2000000000000000" + "0701000000000000" + "FF00000000000000" + "FFFFFFFFFFFFFFFF" + "6800000000000000"
            + "AA00000000000000" + "D300000000000000" + "ED00000000000000"
            + "0480" + "03000000"    // compressor options: level 3
            + "6869"    // the block that small files share
            + "4080"    // inodes: a file, in fragment 0 at 0, of 2 bytes; a directory with a listing of 3 + 21 bytes
            + "0200" + "A401" + "0100" + "0000" + "88776655" + "01000000" + "00000000" + "00000000" + "00000000" + "02000000"
            + "0100" + "ED01" + "0000" + "0000" + "44332211" + "02000000" + "00000000" + "02000000" + "1800" + "0000" + "03000000"
            + "1580" + "00000000" + "00000000" + "01000000" + "0000" + "0000" + "0200" + "0000" + "61"    // names
            + "1080" + "6600000000000000" + "02000001" + "00000000" + "C100000000000000"    // fragments
            + "1080" + "0000000000000000" + "2000000000000000" + "DB00000000000000"    // inodes by number
            + "0880" + "00000000" + "E8030000" + "F500000000000000",    // ids
            Convert.ToHexString(image.AsSpan(0, 0x107)));
    }

    [Theory]
    [InlineData(4), InlineData(128), InlineData(1024)]
    public void Unsquashfs_reads_every_kind_of_node(int blockKiB)
    {
        var tree = Images.Everything();
        foreach (var device in new[] { "dev/null", "dev/whiteout", "dev/vda", "dev/far" }) tree.Remove(device);

        Unsquashfs.AssertAgrees(tree, Images.Write(tree, Images.Options with { BlockSizeBytes = blockKiB << 10 }));
    }

    [Fact]
    public void Unsquashfs_reads_a_tree_without_files()
    {
        var tree = new FileTree();
        Unsquashfs.AssertAgrees(tree, Images.Write(tree));

        tree.Directory("a/b");
        Unsquashfs.AssertAgrees(tree, Images.Write(tree, Images.Options with { Level = 15 }));
    }

    [Fact]
    public void Unsquashfs_lists_devices()
    {
        using var scratch = new Scratch();
        var image = scratch.Image(Images.Write(Images.Everything()));

        var list = Unsquashfs.List(image).ToList();

        Assert.Contains("crw-rw-rw- 0/0 1, 3 1970-01-01 00:00 squashfs-root/dev/null", list);
        Assert.Contains("crw-r--r-- 0/0 0, 0 1970-01-01 00:00 squashfs-root/dev/whiteout", list);
        Assert.Contains("brw-r--r-- 0/6 254, 3 1970-01-01 00:00 squashfs-root/dev/vda", list);
    }

    [Theory]
    [InlineData(4, 3), InlineData(16, 2), InlineData(64, 1)]
    public void Unsquashfs_reads_random_trees(int blockKiB, int count)
    {
        for (var seed = 1; seed <= count; seed++)
        {
            var tree = RandomTree.Make(seed, blockKiB << 10);
            var image = Images.Write(tree, Images.Options with { BlockSizeBytes = blockKiB << 10 });

            Unsquashfs.AssertAgrees(tree, image);
            Assert.Equal(Images.Describe(tree), Images.Describe(Images.Open(image).ReadTree()));
        }
    }

    [Fact]
    public void Attributes_are_what_squashfs_tools_ng_reads()
    {
        using var scratch = new Scratch();
        var image = scratch.Image(Images.Write(Images.Everything()));

        var tar = Tool.RunText("sqfs2tar", image);

        Assert.Contains("SCHILY.xattr.security.capability=\x1\0\0\x2\0\x20\0\0\n", tar);
        Assert.Contains("SCHILY.xattr.trusted.t=\0\xff\n", tar);
        var longValue = Encoding.Latin1.GetString(Images.Noise(100, seed: 3));
        Assert.Contains($"SCHILY.xattr.user.long={longValue}\n", tar);
        Assert.Contains($"SCHILY.xattr.user.another={longValue}\n", tar);    // stored as a reference to the first
    }

    [Fact]
    public void Squashfs_tools_ng_reads_every_entry()
    {
        var everything = Images.Everything();
        everything.Remove("dev/socket");    // tar has no sockets
        everything.Remove("dev/second-socket");
        FileTree[] trees = [everything, .. Enumerable.Range(20, 3).Select(seed => WithoutSockets(RandomTree.Make(seed, blockSize: 4096)))];
        foreach (var tree in trees)
        {
            using var scratch = new Scratch();
            var tar = Tool.Run("sqfs2tar", scratch.Image(Images.Write(tree)));

            var read = TarReader.Read(new MemoryStream(tar), (offset, size) => FileContent.Of(tar.AsMemory((int)offset, (int)size)));

            foreach (var root in new[] { tree.Root, read.Root }) (root.Mode, root.ModifiedSeconds, root.Attributes) = (0x1ed, 0, []);    // it leaves the root out
            Assert.Equal(Images.Describe(tree), Images.Describe(read));
        }
    }

    [Fact]
    public void Equal_sets_of_attributes_and_long_values_are_stored_once()
    {
        static byte[] Make(int files)
        {
            var tree = new FileTree();
            for (var i = 0; i < files; i++)
                tree.Put($"f{i}", new(FileKind.Fifo)
                { Attributes = [Images.Attribute("user.big", Images.Noise(60_000)), Images.Attribute("user.mark", (byte)(i % 2))] });
            return Images.Write(tree);
        }

        var (two, thousand) = (Make(2), Make(1000));

        Assert.InRange(two.Length, 60_000, 70_000);
        Assert.InRange(thousand.Length - two.Length, 0, 20_000);
        Assert.Equal(Images.Noise(60_000), Images.Open(thousand).ReadTree().Find("f999")!.Attributes[0].Value);
    }

    [Fact]
    public void Files_with_the_same_content_are_stored_once()
    {
        var tree = new FileTree();
        for (var i = 0; i < 5; i++)
        {
            tree.Put($"small{i}", Images.File(Images.Noise(3000)));
            tree.Put($"large{i}", Images.File(Images.Noise(100_000, seed: 2)));
        }
        var different = Images.Noise(100_000, seed: 2);
        different[^1]++;
        tree.Put("same-size", Images.File(different));

        var image = Images.Write(tree);

        Assert.InRange(image.Length, 203_000, 210_000);
        Unsquashfs.AssertAgrees(tree, image);
    }

    [Fact]
    public void A_directory_of_70000_names_is_whole()
    {
        var tree = new FileTree();
        var directory = tree.Directory("many");
        for (var i = 0; i < 70_000; i++) directory.Children[$"entry-{i}"] = new(FileKind.File);
        using var scratch = new Scratch();

        var image = Images.Write(tree);

        Assert.Equal(70_000, Images.Open(image).ReadTree().Find("many")!.Children.Count);
        var listed = Tool.RunText("unsquashfs", "-ls", scratch.Image(image)).Split('\n').Where(line => line.Contains("entry-"));
        Assert.Equal(directory.Children.Keys.Select(name => $"squashfs-root/many/{name}"), listed);
    }

    [Fact]
    public void Hard_links_far_apart_are_still_one_inode()
    {
        var tree = new FileTree();
        var linked = tree.Put("a/linked", Images.File(Images.Noise(10)));
        for (var i = 0; i < 40_000; i++) tree.Directory("b").Children[$"{i}"] = new(FileKind.Fifo);    // more than 16 bits apart
        tree.Put("c/linked", linked);
        tree.Put("c/other", Images.File(Images.Noise(20)));
        using var scratch = new Scratch();

        var image = Images.Write(tree);
        var read = Images.Open(image).ReadTree();

        Assert.Same(read.Find("a/linked"), read.Find("c/linked"));
        Assert.Equal(Images.Noise(10), Tool.Run("unsquashfs", "-cat", scratch.Image(image), "c/linked"));
    }

    [Fact]
    public void As_many_ids_as_fit_are_kept()
    {
        var tree = new FileTree();
        for (var id = 1u; id < 65_535; id++) tree.Root.Children[$"{id}"] = new(FileKind.Fifo) { Gid = id };

        Assert.Equal(Images.Describe(tree), Images.Describe(Images.Open(Images.Write(tree)).ReadTree()));

        tree.Put("one-more", new(FileKind.Fifo) { Uid = 65_535 });
        Assert.Contains("ids", Assert.Throws<InvalidDataException>(() => Images.Write(tree)).Message);
    }

    [Fact]
    public void The_image_does_not_depend_on_threads_or_their_speed()
    {
        var tree = RandomTree.Make(seed: 9, blockSize: 4096);
        var expected = Images.Write(tree, Images.Options with { Threads = 1 });

        Assert.Equal(expected, Images.Write(tree, Images.Options with { Threads = 2 }));
        Assert.Equal(expected, Images.Write(tree, Images.Options with { Threads = 9 }));
        var made = 0;
        Assert.Equal(expected, Images.Write(tree, Images.Options with { Threads = 3 }, () =>
        {
            var compress = new ZstdCompressor(Images.Level);
            var (random, isSlow) = (new Random(made), made++ == 1);
            return (plain, compressed) =>
            {
                if (isSlow && random.Next(10) == 0) Thread.Sleep(1);
                return compress.Compress(plain, compressed);
            };
        }));
    }

    [Fact]
    public void A_small_file_that_grows_leaves_most_blocks_as_they_were()
    {
        static FileTree Make(int sizeOfOne)
        {
            var random = new Random(1);
            var tree = new FileTree();
            for (var i = 0; i < 600; i++)
            {
                var name = $"dir{(char)('a' + i / 100)}/{(char)('a' + i % 26)}{(char)('a' + i / 26)}.txt";
                var size = random.Next(1000);
                tree.Put(name, Images.File(Images.Noise(i == 200 ? sizeOfOne : size, seed: i)));
            }
            tree.Put("large", Images.File(Images.Noise(50_000)));
            return tree;
        }

        var (before, after) = (Blocks(Images.Write(Make(500))), Blocks(Images.Write(Make(900))));

        Assert.InRange(before.Count, 70, 200);
        Assert.InRange(after.Except(before).Count(), 1, 12);
    }

    [Fact]
    public void An_image_can_be_written_into_the_middle_of_a_disk()
    {
        var tree = Images.Everything();
        var disk = new MemoryStream();
        disk.Write(Images.Noise(1000));

        var superblock = SquashFsWriter.Write(tree, disk, Images.Options, () => new ZstdCompressor(Images.Level).Compress);

        Assert.Equal(1000 + superblock.PaddedBytes, disk.Position);
        Assert.Equal(Images.Write(tree), disk.ToArray()[1000..]);
    }

    [Fact]
    public void Progress_ends_at_the_size_of_all_content()
    {
        var tree = Images.Everything();
        tree.Put("more-zeros", Images.File(new byte[20_000]));
        tree.Put("again", Images.File(Images.Noise(10_000)));
        var reports = new List<SquashFsProgress>();

        SquashFsWriter.Write(tree, new MemoryStream(), Images.Options, () => new ZstdCompressor(1).Compress, new Recorder(reports));

        var total = tree.Walk().Select(entry => entry.Node).Distinct().Sum(node => node.Content.SizeBytes);
        Assert.Equal(new(total, total), reports[^1]);
        Assert.Equal(reports.OrderBy(report => report.DoneBytes), reports);
    }

    private static FileTree WithoutSockets(FileTree tree)
    {
        var directories = new Stack<FileNode>([tree.Root]);
        while (directories.TryPop(out var directory))
            foreach (var (name, node) in directory.Children.ToArray())
                if (node.Kind == FileKind.Socket) directory.Children.Remove(name);
                else if (node.IsDirectory) directories.Push(node);
        return tree;
    }

    private sealed class Recorder(List<SquashFsProgress> reports) : IProgress<SquashFsProgress>
    {
        public void Report(SquashFsProgress value) => reports.Add(value);
    }

    /// <summary>The fragment blocks of an image, as they are stored.</summary>
    private static List<string> Blocks(byte[] bytes)
    {
        var image = new ImageReader(FileContent.Of(bytes), () => new ZstdDecompressor().Decompress, null);
        var table = new IndexedTable(image, "fragment", image.Superblock.FragmentTable, image.Superblock.FragmentCount, 16);
        return [.. Enumerable.Range(0, (int)image.Superblock.FragmentCount).Select(number =>
        {
            var row = table.Row((uint)number);
            var (start, size) = ((int)row.ReadUInt64(), image.StoredSize(row.ReadUInt32()));
            return Convert.ToHexString(bytes.AsSpan(start, size));
        })];
    }
}
