using Firn.Formats.Payloads;
using Firn.Formats.Trees;
using Firn.Images.BootLoaders;
using Firn.Images.Recipes;
using Firn.Images.Verity;
using Firn.Tests.Formats;
using Firn.Tests.Formats.SquashFs;
using Firn.Tests.Images.Deltas;
using SquashImages = Firn.Tests.Formats.SquashFs.Images;

namespace Firn.Tests.Images.Verity;

public sealed class VerityTreeTests
{
    private const string Judge = "/usr/sbin/veritysetup";    // no one's PATH has it but root's
    private static readonly byte[] Salt = VerityTree.SaltOf("edge-box");

    [Theory]
    [InlineData(1)]    // its hash is the root
    [InlineData(2)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(1024 + 1)]    // one more than a thread takes at a time
    [InlineData(128 * 128)]
    [InlineData(128 * 128 + 1)]
    public void It_is_the_tree_that_veritysetup_makes(int blocks)
    {
        using var scratch = new ScratchDirectory();
        var image = SquashImages.Noise(blocks * VerityTree.BlockBytes);
        var (theirs, ours) = (scratch.Write("theirs", image), scratch.Write("ours", image));

        var root = Append(ours, image.Length);

        var id = Line(Tool.RunText(Judge, "dump", ours, $"--hash-offset={image.Length}"), "UUID");
        var made = Tool.RunText(Judge, "format", theirs, theirs, $"--hash-offset={image.Length}", $"--salt={root.Salt}", $"--uuid={id}");
        Assert.Equal(Line(made, "Root hash"), root.RootHash);
        Assert.Equal(Line(made, "Data blocks"), $"{root.DataBlocks}");
        Assert.True(File.ReadAllBytes(theirs).AsSpan().SequenceEqual(File.ReadAllBytes(ours)));
    }

    [Fact]
    public void Every_byte_that_is_changed_is_noticed()
    {
        using var scratch = new ScratchDirectory();
        var image = SquashImages.Noise(300 * VerityTree.BlockBytes);
        var root = Append(scratch.Write("image", image), image.Length);
        var whole = File.ReadAllBytes(scratch.File("image"));
        Assert.Equal("", Verify(whole));

        foreach (var place in new[] { 0, image.Length / 2, image.Length - 1, image.Length + VerityTree.BlockBytes, whole.Length - 3 * VerityTree.BlockBytes })
        {
            var changed = whole.ToArray();
            changed[place] ^= 1;
            Assert.Contains("failed", Verify(changed));
        }

        string Verify(byte[] bytes)
        {
            scratch.Write("judged", bytes);
            return Shell.Run($"{Judge} verify judged judged {root.RootHash} --hash-offset={image.Length} 2>&1 || true", scratch.Path);
        }
    }

    [Fact]
    public void What_stays_the_same_keeps_its_part_of_the_tree()
    {
        using var scratch = new ScratchDirectory();
        var image = SquashImages.Noise(1000 * VerityTree.BlockBytes);
        Append(scratch.Write("old", image), image.Length);
        image[500 * VerityTree.BlockBytes] ^= 1;
        Append(scratch.Write("new", image), image.Length);

        var (old, changed) = (File.ReadAllBytes(scratch.File("old")), File.ReadAllBytes(scratch.File("new")));
        var blocks = old.Chunk(VerityTree.BlockBytes).Zip(changed.Chunk(VerityTree.BlockBytes)).Count(pair => !pair.First.AsSpan().SequenceEqual(pair.Second));

        Assert.Equal(4, blocks);    // itself, its hash, the hash of that, and the superblock's id
    }

    [Fact]
    public void An_index_has_each_of_its_blocks()
    {
        using var scratch = new ScratchDirectory();
        var squashfs = SquashImages.Write(SquashImages.Everything());
        Append(scratch.Write("image", squashfs), squashfs.Length);
        var image = File.ReadAllBytes(scratch.File("image"));

        var index = BlockIndex.Of(FileContent.Of(image), BlockCuts.OfSquashFs(SquashImages.Open(image)));

        Assert.Equal(image.Length, index.ImageBytes);
        var behind = index.Blocks.Where(block => block.Offset >= squashfs.Length).ToArray();
        Assert.True(behind.Length > 1);
        Assert.All(behind, block => Assert.Equal(VerityTree.BlockBytes, block.Length));
    }

    [Fact]
    public void A_pack_makes_one_with_its_tree_of_another_with_its_tree()
    {
        var (old, target) = (WithTree(1), WithTree(2));
        var oldImage = Packs.Open(old);

        var pack = Packs.Build(oldImage, Packs.Open(target));

        Packs.MakesAll(pack, oldImage.Index, old, target);

        static byte[] WithTree(int seed)
        {
            using var scratch = new ScratchDirectory();
            var image = SquashImages.Write(RandomTree.Make(seed, 4096));
            Append(scratch.Write("image", image), image.Length);
            return File.ReadAllBytes(scratch.File("image"));
        }
    }

    [Fact]
    public void An_image_that_is_not_whole_blocks_is_our_mistake()
    {
        using var scratch = new ScratchDirectory();
        scratch.Write("image", new byte[4097]);

        Assert.Throws<ArgumentException>(() => Append(scratch.File("image"), 4097));
        Assert.Throws<ArgumentException>(() => Append(scratch.File("image"), 0));
    }

    [Fact]
    public void The_kernel_is_told_with_the_parameters_of_the_slot()
    {
        var recipe = RecipeReader.Read("name: a\nversion: 1\nsource: { directory: . }\nverity: true", "r.yaml", "/");

        Assert.Contains($" firn.verity=12:{new string('a', 64)}:0b'\n", SlotConfig.Create(recipe, new(12, new('a', 64), "0b")));
        Assert.DoesNotContain("verity", SlotConfig.Create(recipe, null));
    }

    private static VerityRoot Append(string path, long imageBytes)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        return VerityTree.Append(file, imageBytes, Salt);
    }

    private static string Line(string text, string name) =>
        text.Split('\n').Single(line => line.StartsWith($"{name}:", StringComparison.Ordinal)).Split(':', 2)[1].Trim();
}
