using System.Text;
using Firn.Formats.Trees;
using FsCheck;
using FsCheck.Fluent;

namespace Firn.Tests.Formats.SquashFs;

/// <summary>Names read one after the other are those of the tree.</summary>
public sealed class NameReaderTests
{
    [Fact]
    public void Names_and_inodes_are_those_of_the_tree_in_its_order() => AssertAgrees(Images.Write(Images.Everything()));

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void So_they_are_of_random_trees(int seed) => AssertAgrees(Images.Write(RandomTree.Make(seed, blockSize: 4096)));

    [Fact]
    public void So_they_are_of_more_names_than_memory_holds_at_once()
    {
        var tree = new FileTree();
        var names = new Random(1);
        for (var directory = 0; directory < 30; directory++)
            for (var i = 0; i < 1500; i++) tree.Directory($"d{directory}").Children[$"{names.NextInt64():x16}{new string('n', 100)}"] = new(FileKind.Fifo);

        AssertAgrees(Images.WriteRaw(tree));
    }

    [Fact]
    public void So_they_are_of_an_image_of_mksquashfs()
    {
        using var scratch = new Scratch();
        var tree = new FileTree();
        for (var i = 0; i < 3000; i++) tree.Put($"d{i % 7}/e{i % 11}/{i}", Images.File(Images.Noise(i % 100, seed: i)));
        tree.Put("d1/link", new(FileKind.Symlink) { LinkTarget = "../d2" });
        Unsquashfs.Extract(Images.Write(tree), scratch["tree"]);
        Tool.Run("mksquashfs", scratch["tree"], scratch["theirs"], "-comp", "gzip", "-no-progress", "-quiet");

        AssertAgrees(File.ReadAllBytes(scratch["theirs"]));
    }

    [Fact]
    public void Names_out_of_order_are_invalid_for_Linux_does_not_find_them()
    {
        var tree = new FileTree();
        tree.Put("first", new(FileKind.Fifo));
        tree.Put("second", new(FileKind.Fifo));
        var image = Images.WriteRaw(tree);
        "zirst"u8.CopyTo(image.AsSpan(image.AsSpan().LastIndexOf("first"u8)));

        Assert.Contains("second is there twice, or out of order", Assert.Throws<InvalidDataException>(() => Names(image)).Message);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Damage_ends_in_names_or_in_invalid_data(bool withInodes)
    {
        var image = Images.WriteRaw(Images.Everything());
        var tables = (int)Images.Open(image).Superblock.InodeTable;
        var end = (int)Images.Open(image).Superblock.BytesUsed;
        var position = Gen.OneOf(Gen.Choose(0, 95), Gen.Choose(tables, end - 1), Gen.Choose(tables, end - 1));
        var value = Gen.OneOf(Gen.Choose(0, 255), Gen.Elements(0, 1, 0x7f, 0x80, 0xff));
        var damage = position.Zip(value).NonEmptyListOf().ToArbitrary();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000).WithReplay(20_261_121, 9), Prop.ForAll(damage, changes =>
        {
            var damaged = image.ToArray();
            foreach (var (at, with) in changes.Take(4)) damaged[at] = (byte)with;
            try
            {
                Images.Open(damaged).ReadNames(withInodes, (_, _) => { });
            }
            catch (InvalidDataException)
            {
                // The other ending.
            }
        }));
    }

    private static void AssertAgrees(byte[] image)
    {
        var tree = Images.Open(image).ReadTree();
        Assert.Equal(tree.Walk().Select(entry => entry.Path), Names(image));

        var described = new List<string>();
        Images.Open(image).ReadNames(withInodes: true, (path, inode) => described.Add(Describe(new ByteString(path).ToString(), inode!)));
        Assert.Equal(tree.Walk().Select(entry => Describe(entry.Path, entry.Node)), described);
    }

    private static List<string> Names(byte[] image)
    {
        var names = new List<string>();
        Images.Open(image).ReadNames(withInodes: false, (path, inode) =>
        {
            Assert.Null(inode);
            names.Add(new ByteString(path).ToString());
        });
        return names;
    }

    private static string Describe(string path, FileNode node) => new StringBuilder(path)
        .Append($" {node.Kind} {node.Mode} {node.Uid} {node.Gid} {node.ModifiedSeconds} {node.Content.SizeBytes} {node.LinkTarget} {node.Device}").ToString();
}
