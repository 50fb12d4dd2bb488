using Firn.Formats.SquashFs;
using Firn.Formats.Trees;
using Firn.Linux.Compression;

namespace Firn.Tests.Formats.SquashFs;

public sealed class SquashFsRoundTripTests
{
    [Theory]
    [InlineData(4), InlineData(8), InlineData(16), InlineData(32), InlineData(64), InlineData(128), InlineData(256)]
    [InlineData(512), InlineData(1024)]
    public void A_tree_comes_back_as_it_went_at_every_block_size(int blockKiB)
    {
        var tree = Images.Everything();
        tree.Put("var/long", Images.File(Images.Noise((blockKiB << 10) + 1, seed: 6)));
        tree.Put("var/longer", Images.File(Enumerable.Repeat((byte)'x', 2 * (blockKiB << 10)).ToArray()));

        var image = Images.Write(tree, Images.Options with { BlockSizeBytes = blockKiB << 10 });

        Assert.Equal(Images.Describe(tree), Images.Describe(Images.Open(image).ReadTree()));
    }

    [Fact]
    public void A_tree_of_nothing_but_a_root_comes_back()
    {
        var tree = new FileTree { Root = { ModifiedSeconds = 5, Uid = 1 } };

        Assert.Equal(Images.Describe(tree), Images.Describe(Images.Open(Images.Write(tree)).ReadTree()));
    }

    [Fact]
    public void The_superblock_tells_what_was_asked_for()
    {
        var options = Images.Options with { BlockSizeBytes = 65536, ModifiedSeconds = 1_767_225_600 };

        var superblock = Images.Open(Images.Write(Images.Everything(), options)).Superblock;

        Assert.Equal(65536, superblock.BlockSizeBytes);
        Assert.Equal(1_767_225_600u, superblock.ModifiedSeconds);
        Assert.Equal(SquashFsCompression.Zstd, superblock.Compression);
        Assert.Equal(0, superblock.PaddedBytes % 4096);
    }

    [Fact]
    public void Times_outside_of_1970_to_2106_become_the_nearest_within()
    {
        var tree = new FileTree();
        tree.Put("old", new(FileKind.Fifo) { ModifiedSeconds = -1 });
        tree.Put("late", new(FileKind.Fifo) { ModifiedSeconds = 1L << 40 });

        var read = Images.Open(Images.Write(tree)).ReadTree();

        Assert.Equal(0, read.Find("old")!.ModifiedSeconds);
        Assert.Equal(uint.MaxValue, read.Find("late")!.ModifiedSeconds);
    }

    [Fact]
    public void Any_part_of_a_file_can_be_read_from_any_thread()
    {
        var content = Images.Noise(50_000);
        content.AsSpan(8192, 4096).Clear();
        var tree = new FileTree();
        tree.Put("file", Images.File(content));
        using var stream = new MemoryStream([.. Images.Noise(100), .. Images.Write(tree)]) { Position = 100 };
        var file = SquashFsReader.Open(stream, () => new ZstdDecompressor().Decompress).ReadTree().Find("file")!.Content;

        Parallel.For(0, 500, i =>
        {
            var random = new Random(i);
            var offset = random.Next(content.Length);
            var part = new byte[random.Next(content.Length - offset)];
            file.Read(offset, part);
            Assert.Equal(content[offset..(offset + part.Length)], part);
        });
        Assert.Throws<EndOfStreamException>(() => file.Read(content.Length, new byte[1]));
    }

    [Fact]
    public void Holes_are_told_by_what_is_read()
    {
        var tree = new FileTree();
        tree.Put("file", Images.File((byte[])[.. new byte[8192], 1, .. new byte[8191], .. new byte[10]]));

        var content = Images.Open(Images.Write(tree)).ReadTree().Find("file")!.Content;

        Assert.Equal(8192, content.NextData(0));
        Assert.Equal(9000, content.NextData(9000));
        Assert.Equal(content.SizeBytes, content.NextData(12288));
        Assert.Equal(content.SizeBytes, content.NextData(content.SizeBytes));
    }

    [Fact]
    public void A_sparse_file_of_more_than_4_GiB_costs_next_to_nothing()
    {
        var tree = new FileTree();
        tree.Put("sparse", new(FileKind.File) { Content = new SparseContent(5L << 30, "the end"u8.ToArray()) });

        var image = Images.Write(tree, Images.Options with { BlockSizeBytes = 128 << 10 });
        var content = Images.Open(image).ReadTree().Find("sparse")!.Content;

        Assert.True(image.Length < 20_000);
        Assert.Equal(5L << 30, content.SizeBytes);
        var end = new byte[10];
        content.Read(content.SizeBytes - end.Length, end);
        Assert.Equal("\0\0\0the end"u8, end);
    }

    [Theory]
    [InlineData("gzip"), InlineData("xz"), InlineData("lz4"), InlineData("zstd")]
    public void Images_of_others_are_read_too(string compression)
    {
        using var scratch = new Scratch();
        Directory.CreateDirectory(scratch["tree"]);
        var mixed = Enumerable.Range(0, 300_000).Select(i => (byte)(i % 7 == 0 ? i * 31 >> 5 : 'x')).ToArray();
        File.WriteAllBytes(scratch["tree/file"], Enumerable.Repeat((byte)'x', 200_000).ToArray());
        File.WriteAllBytes(scratch["tree/mixed"], mixed);
        File.WriteAllText(scratch["tree/small"], "small");
        Tool.Run("mksquashfs", scratch["tree"], scratch["image"], "-comp", compression, "-no-progress", "-quiet");

        var tree = Images.Open(File.ReadAllBytes(scratch["image"])).ReadTree();

        Assert.Equal(Enumerable.Repeat((byte)'x', 200_000), tree.Find("file")!.Content.ReadAll());
        Assert.Equal(mixed, tree.Find("mixed")!.Content.ReadAll());
        Assert.Equal("small"u8, tree.Find("small")!.Content.ReadAll());
    }

    [Theory]
    [InlineData("gzip"), InlineData("xz"), InlineData("lz4")]
    public void Damage_in_images_of_others_ends_in_a_tree_or_in_invalid_data(string compression)
    {
        using var scratch = new Scratch();
        Directory.CreateDirectory(scratch["tree"]);
        File.WriteAllBytes(scratch["tree/file"], [.. Enumerable.Repeat((byte)'x', 3000), .. Images.Noise(3000), .. Enumerable.Repeat((byte)'y', 3000)]);
        Tool.Run("mksquashfs", scratch["tree"], scratch["image"], "-comp", compression, "-b", "4096", "-no-progress", "-quiet");
        var image = File.ReadAllBytes(scratch["image"]);
        var end = (int)Images.Open(image).Superblock.BytesUsed;
        var random = new Random(3);

        for (var i = 0; i < 2000; i++)
        {
            var damaged = image.ToArray();
            damaged[random.Next(96, end)] = (byte)random.Next(256);
            try
            {
                foreach (var (_, node) in Images.Open(damaged).ReadTree().Walk())
                    if (node.Content.SizeBytes < 100_000) node.Content.ReadAll();
            }
            catch (InvalidDataException)
            {
                // The other ending.
            }
        }
    }

    [Fact]
    public void Images_with_other_compression_are_refused_by_its_name()
    {
        using var scratch = new Scratch();
        Directory.CreateDirectory(scratch["tree"]);
        Tool.Run("mksquashfs", scratch["tree"], scratch["image"], "-comp", "lzo", "-no-progress", "-quiet");

        var exception = Assert.Throws<InvalidDataException>(() => Images.Open(File.ReadAllBytes(scratch["image"])));

        Assert.Contains("compressed with lzo,", exception.Message);
    }
}

/// <summary>Zeros, and a few bytes at the end.</summary>
internal sealed class SparseContent(long sizeBytes, byte[] end) : FileContent
{
    private long DataStart => SizeBytes - end.Length;

    public override long SizeBytes => sizeBytes;
    public override long NextData(long offset) => Math.Max(offset, DataStart);

    public override void Read(long offset, Span<byte> destination)
    {
        destination.Clear();
        if (offset + destination.Length <= DataStart) return;
        var skipped = (int)Math.Max(0, DataStart - offset);
        var part = destination[skipped..];
        end.AsSpan((int)(offset + skipped - DataStart), part.Length).CopyTo(part);
    }
}
