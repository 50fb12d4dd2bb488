using Firn.Formats.SquashFs;
using Firn.Formats.Trees;
using Firn.Linux.Compression;

namespace Firn.Tests.Formats.SquashFs;

public sealed class IncrementalLayoutTests
{
    private const int DataSharePerDead = SharedBlock.StoredPerDead;

    [Fact]
    public void What_did_not_change_keeps_its_place()
    {
        var tree = ManyFiles();
        var first = Images.Write(tree);
        tree.Put("dir3/large", Images.File(Images.Noise(20_000, seed: 1000)));    // another content
        tree.Put("dir5/added", Images.File(Images.Noise(19_500, seed: 1001)));    // leaves a gap, but a small one
        tree.Remove("dir7/large");

        var (second, reuse) = Write(tree, first);

        var (before, after) = (Places(first), Places(second));
        foreach (var path in after.Keys.Intersect(before.Keys).Where(path => path is not "dir3/large" && path.EndsWith("large")))
            Assert.Equal(before[path], after[path]);
        Assert.InRange(after.Count(entry => before.TryGetValue(entry.Key, out var place) && place == entry.Value), before.Count * 9 / 10, before.Count);
        Assert.InRange(reuse.NewBytes, 39_500, 50_000);
        Assert.Equal(0, reuse.MovedBytes);
        Unsquashfs.AssertAgrees(tree, second);
    }

    [Fact]
    public void A_tree_that_did_not_change_gives_the_same_image()
    {
        var tree = ManyFiles();
        var first = Images.Write(tree);

        var (second, reuse) = Write(tree, first);

        Assert.Equal(first, second);
        Assert.Equal((0L, 0L, 0L), (reuse.NewBytes, reuse.GapBytes, reuse.DeadBytes));
    }

    [Fact]
    public void What_is_renamed_stays_where_it_is()
    {
        var tree = ManyFiles();
        var first = Images.Write(tree);
        tree.Root.Children["renamed"] = tree.Find("dir4")!;
        tree.Remove("dir4");

        var (second, reuse) = Write(tree, first);

        Assert.Equal(0, reuse.NewBytes);
        Assert.Equal(Places(first)["dir4/large"], Places(second)["renamed/large"]);
        Unsquashfs.AssertAgrees(tree, second);
    }

    [Fact]
    public void New_content_goes_where_old_content_was()
    {
        var tree = ManyFiles();
        var first = Images.Write(tree);
        tree.Remove("dir2/large");
        tree.Put("new", Images.File(Images.Noise(20_000, seed: 77)));

        var (second, reuse) = Write(tree, first);

        Assert.Equal(Places(first)["dir2/large"], Places(second)["new"]);
        Assert.Equal(0, reuse.GapBytes);
        Unsquashfs.AssertAgrees(tree, second);
    }

    [Fact]
    public void A_shared_block_that_loses_a_little_with_each_update_is_packed_anew()
    {
        var options = Images.Options with { BlockSizeBytes = 64 << 10 };
        var tree = new FileTree();
        for (var i = 0; i < 50; i++) tree.Put($"dir/{i:00}", Images.File(Images.Noise(1000, seed: i)));
        tree.Put("large", Images.File(Images.Noise(DataSharePerDead * 17_000, seed: 50)));
        var first = Images.Write(tree, options);
        for (var i = 0; i < 17; i++) tree.Remove($"dir/{i:00}");
        var (second, kept) = Write(tree, first, options);
        for (var i = 17; i < 30; i++) tree.Remove($"dir/{i:00}");

        var (third, packed) = Write(tree, second, options);

        Assert.Equal((0L, 17_000L), (kept.NewBytes, kept.DeadBytes));
        Assert.Equal(0, packed.DeadBytes);
        Assert.InRange(packed.NewBytes, 20_000, 21_000);
        Unsquashfs.AssertAgrees(tree, third);
    }

    [Fact]
    public void Shared_blocks_of_which_too_much_is_dead_in_all_are_packed_anew_the_least_alive_first()
    {
        var options = Images.Options with { BlockSizeBytes = 64 << 10 };
        var tree = new FileTree();
        for (var block = 0; block < 4; block++)
            for (var i = 0; i < 4; i++) tree.Put($"dir{block}/{i}", Images.File(Images.Noise(16_000, seed: 10 * block + i)));
        tree.Put("large", Images.File(Images.Noise(DataSharePerDead * 17_000, seed: 50)));
        var first = Images.Write(tree, options);
        tree.Remove("dir1/2");
        tree.Remove("dir2/1");
        tree.Remove("dir2/3");

        var (second, reuse) = Write(tree, first, options);

        Assert.Equal((32_000L, 16_000L), (reuse.NewBytes, reuse.DeadBytes));
        Unsquashfs.AssertAgrees(tree, second);
    }

    [Fact]
    public void What_lies_last_moves_into_large_gaps_with_its_stored_bytes()
    {
        var tree = ManyFiles();
        var first = Images.Write(tree);
        tree.Remove("dir2/large");

        var (second, reuse) = Write(tree, first);

        Assert.Equal(0, reuse.NewBytes);
        Assert.InRange(reuse.MovedBytes, 10_000, 30_000);
        Assert.InRange(reuse.GapBytes, 0, second.Length / Placement.StoredPerGap);
        Assert.InRange(second.Length, 0, first.Length - 10_000);
        Assert.Subset(StoredBlocks(first), StoredBlocks(second));
        Unsquashfs.AssertAgrees(tree, second);
    }

    [Fact]
    public void A_large_file_behind_a_gap_it_does_not_fit_closes_up()
    {
        var tree = new FileTree();
        tree.Put("a", Images.File(Images.Noise(50_000, seed: 1)));
        tree.Put("b", Images.File(Images.Noise(40_000, seed: 2)));
        tree.Put("c", Images.File(Images.Noise(90_000, seed: 3)));
        var first = Images.Write(tree);
        tree.Remove("b");

        var (second, reuse) = Write(tree, first);

        Assert.Equal((50_000L, 90_000L, 0L, 0L), (reuse.KeptBytes, reuse.MovedBytes, reuse.NewBytes, reuse.GapBytes));
        Assert.Equal(Images.Write(tree).Length, second.Length);
        Unsquashfs.AssertAgrees(tree, second);
    }

    [Fact]
    public void The_image_depends_on_the_tree_and_the_previous_image_alone()
    {
        var tree = RandomTree.Make(seed: 3, blockSize: 4096);
        var first = Images.Write(tree);
        Change(tree, new Random(1), round: 1);

        var expected = Write(tree, first, Images.Options with { Threads = 1 }).Image;

        Assert.Equal(expected, Write(tree, first, Images.Options with { Threads = 5 }).Image);
    }

    [Theory]
    [InlineData(5, 9)]
    [InlineData(6, 10)]
    [InlineData(7, 11)]
    public void Twenty_updates_of_a_random_tree_are_read_by_unsquashfs_and_stay_small(int treeSeed, int changeSeed)
    {
        var tree = RandomTree.Make(treeSeed, blockSize: 4096);
        var image = Images.Write(tree);
        var random = new Random(changeSeed);
        for (var round = 1; round <= 20; round++)
        {
            Change(tree, random, round);
            (image, var reuse) = Write(tree, image);

            Assert.Equal(Images.Describe(tree), Images.Describe(Images.Open(image).ReadTree()));
            Assert.InRange(reuse.GapBytes, 0, image.Length / Placement.StoredPerGap);
            Assert.InRange(image.Length, 0, Images.Write(tree).Length * 105 / 100 + 8192);    // which is padded
            if (round % 5 == 0) Unsquashfs.AssertAgrees(tree, image);
        }
    }

    [Fact]
    public void A_damaged_previous_image_costs_its_reuse_and_nothing_else()
    {
        var tree = ManyFiles();
        var first = Images.Write(tree, Images.Options with { Level = 3 });
        var damaged = first.ToArray();
        new Random(4).NextBytes(damaged.AsSpan(2000, 5000));

        var (second, reuse) = Write(tree, damaged);

        Assert.NotEqual(0, reuse.NewBytes);
        Unsquashfs.AssertAgrees(tree, second);
    }

    [Fact]
    public void An_image_of_mksquashfs_can_be_the_previous_one()
    {
        using var scratch = new Scratch();
        var tree = ManyFiles();
        Unsquashfs.Extract(Images.Write(tree), scratch["tree"]);
        Tool.Run("mksquashfs", scratch["tree"], scratch["theirs"], "-comp", "zstd", "-Xcompression-level", "3", "-b", "4096", "-no-progress", "-quiet", "-tailends");

        var (image, reuse) = Write(tree, File.ReadAllBytes(scratch["theirs"]));

        Assert.True(reuse.KeptBytes > 0);
        Unsquashfs.AssertAgrees(tree, image);
    }

    [Fact]
    public void Another_level_or_block_size_is_refused()
    {
        var first = Images.Write(ManyFiles());

        Assert.Throws<ArgumentException>(() => Write(ManyFiles(), first, Images.Options with { Level = 4 }));
        Assert.Throws<ArgumentException>(() => Write(ManyFiles(), first, Images.Options with { BlockSizeBytes = 8192 }));
    }

    private static (byte[] Image, LayoutReuse Reuse) Write(FileTree tree, byte[] previous, SquashFsOptions? options = null)
    {
        var image = new MemoryStream();
        var before = new PreviousImage(Images.Open(previous), new MemoryStream());
        SquashFsWriter.Write(tree, image, options ?? Images.Options, () => new ZstdCompressor(Images.Level).Compress, null, before);
        return (image.ToArray(), before.Reuse!);
    }

    /// <summary>Stored blocks of files and those that files share, as text.</summary>
    private static HashSet<string> StoredBlocks(byte[] image)
    {
        var reader = Images.Open(image);
        var blocks = reader.ReadFragments().Select(block => (block.Start, block.SizeWord)).ToList();
        foreach (var content in reader.ReadTree().Walk().Select(entry => entry.Node.Content).OfType<SquashFsContent>())
        {
            var position = content.Start;
            foreach (var word in content.SizeWords)
            {
                blocks.Add((position, word));
                position += reader.Bytes.StoredSize(word);
            }
        }
        return [.. blocks.Select(block => Convert.ToHexString(image.AsSpan((int)block.Start, reader.Bytes.StoredSize(block.SizeWord))))];
    }

    private static Dictionary<string, (long, long)> Places(byte[] image) => Images.Open(image).ReadTree().Walk()
        .Where(entry => entry.Node.Content is SquashFsContent).ToDictionary(entry => entry.Path, entry => ((SquashFsContent)entry.Node.Content).Place);

    private static void Change(FileTree tree, Random random, int round)
    {
        foreach (var (directory, name, node) in Files(tree.Root).Where(_ => random.Next(10) == 0).ToList())
        {
            if (random.Next(3) == 0) directory.Children.Remove(name);
            else node.Content = FileContent.Of(Images.Noise(random.Next(12_000), seed: 1000 * round + random.Next(1000)));
        }
        tree.Put($"added-{round}", Images.File(Images.Noise(random.Next(20_000), seed: 5000 + round)));
    }

    private static IEnumerable<(FileNode Directory, ByteString Name, FileNode Node)> Files(FileNode directory) =>
        directory.Children.SelectMany(child => child.Value.Kind switch
        {
            FileKind.Directory => Files(child.Value),
            FileKind.File => [(directory, child.Key, child.Value)],
            _ => [],
        });

    private static FileTree ManyFiles()
    {
        var tree = new FileTree();
        for (var i = 0; i < 200; i++) tree.Put($"dir{i % 10}/{i}", Images.File(Images.Noise(500 + 10 * i, seed: i)));
        for (var i = 0; i < 10; i++) tree.Put($"dir{i}/large", Images.File(Images.Noise(20_000, seed: 500 + i)));
        return tree;
    }
}
