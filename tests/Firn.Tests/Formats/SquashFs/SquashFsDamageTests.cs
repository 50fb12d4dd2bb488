using System.Buffers.Binary;
using Firn.Formats.Trees;
using FsCheck;
using FsCheck.Fluent;

namespace Firn.Tests.Formats.SquashFs;

public sealed class SquashFsDamageTests
{
    private static readonly byte[] Compressed = Images.Write(Images.Everything());
    private static readonly byte[] Raw = Images.WriteRaw(Images.Everything());    // damage gets through to what is inside

    private static Config Config(int tests) =>
        FsCheck.Config.QuickThrowOnFailure.WithMaxTest(tests).WithReplay(20_261_121, 9);

    [Theory]
    [InlineData(false), InlineData(true)]
    public void Damage_ends_in_a_tree_or_in_invalid_data(bool isRaw)
    {
        var image = isRaw ? Raw : Compressed;
        // Positions gather where the superblock and the tables are.
        var tables = (int)Images.Open(image).Superblock.InodeTable;
        var end = (int)Images.Open(image).Superblock.BytesUsed;
        var position = Gen.OneOf(Gen.Choose(0, 95), Gen.Choose(tables, end - 1), Gen.Choose(tables, end - 1), Gen.Choose(0, end - 1));
        var value = Gen.OneOf(Gen.Choose(0, 255), Gen.Elements(0, 1, 0x7f, 0x80, 0xff));
        var damage = position.Zip(value).NonEmptyListOf().ToArbitrary();

        Check.One(Config(3000), Prop.ForAll(damage, changes =>
        {
            var damaged = image.ToArray();
            foreach (var (at, with) in changes.Take(4)) damaged[at] = (byte)with;
            ReadAll(damaged);
        }));
    }

    [Fact]
    public void Every_truncation_is_invalid_data()
    {
        for (var length = 0; length < Images.Open(Compressed).Superblock.BytesUsed; length += 7)
            Assert.Throws<InvalidDataException>(() => Images.Open(Compressed[..length]));
    }

    [Fact]
    public void A_directory_within_itself_is_invalid()
    {
        var tree = new FileTree();
        tree.Put("outer/inner/file", new(FileKind.Fifo));
        var image = Images.WriteRaw(tree);
        var superblock = Images.Open(image).Superblock;

        // The entry of inner leads to the inode of the root; its number is not looked at.
        var entry = image.AsSpan().LastIndexOf("inner"u8) - 8;
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(entry), (ushort)superblock.RootInode);

        AssertInvalid("has another name", image);
    }

    [Fact]
    public void Directories_that_share_their_names_are_invalid()
    {
        var tree = new FileTree();
        for (var i = 0; i < 20; i++) tree.Directory("a").Children[$"{new string('x', 200)}{i}"] = new(FileKind.Fifo);
        for (var i = 0; i < 9; i++) tree.Directory($"d{i}").Children["one"] = new(FileKind.Fifo);
        var image = Images.WriteRaw(tree);
        var inodes = image.AsSpan((int)Images.Open(image).Superblock.InodeTable + 2);
        var listing = FindDirectory(inodes, size: 20 * (8 + 201 + 1) - 10 + 12 + 3);

        // All others are given the listing of a: block, links, size, offset.
        for (var i = 0; i < 9; i++) listing.CopyTo(inodes[IndexOfDirectory(inodes, size: 12 + 8 + 3 + 3)..]);

        AssertInvalid("overlap", image);
    }

    [Fact]
    public void A_file_of_more_blocks_than_there_are_size_words_is_invalid_without_allocating_them()
    {
        var tree = new FileTree();
        tree.Put("file", Images.File(Images.Noise(3_000)));
        var image = Images.WriteRaw(tree);
        var inode = (int)Images.Open(image).Superblock.InodeTable + 2;
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(inode + 28), 0xffff_f000);    // size
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(inode + 20), 0xffff_ffff);    // no fragment
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InvalidDataException>(() => Images.Open(image).ReadTree());

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Theory]
    [InlineData(4, "more inodes")]    // inode count
    [InlineData(16, "fragment table")]    // fragment count
    [InlineData(26, "id table")]    // id count
    public void A_count_that_does_not_fit_is_invalid(int offset, string reason)
    {
        var image = Raw.ToArray();
        image.AsSpan(offset, 2).Fill(offset == 4 ? (byte)0 : (byte)0xff);

        AssertInvalid(reason, image);
    }

    [Fact]
    public void A_chain_of_directories_deeper_than_any_path_is_invalid()
    {
        var tree = new FileTree();
        var directory = tree.Root;
        for (var i = 0; i < 3000; i++) directory.Children["d"] = directory = new(FileKind.Directory);

        AssertInvalid("nested more than", Images.Write(tree));
    }

    private static ReadOnlySpan<byte> FindDirectory(ReadOnlySpan<byte> inodes, int size) =>
        inodes.Slice(IndexOfDirectory(inodes, size), 12).ToArray();

    // Of a basic directory's part behind the header: block, links, size, offset.
    private static int IndexOfDirectory(ReadOnlySpan<byte> inodes, int size)
    {
        for (var at = 0; ; at++)
            if (inodes[at..] is [0, 0, 0, 0, 2, 0, 0, 0, var low, var high, ..] && (low | high << 8) == size) return at;
    }

    private static void AssertInvalid(string reason, byte[] image) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Images.Open(image).ReadTree()).Message);

    private static void ReadAll(byte[] image)
    {
        try
        {
            var part = new byte[5000];
            foreach (var node in Images.Open(image).ReadTree().Walk().Select(entry => entry.Node).Distinct())
                for (var offset = 0L; offset < Math.Min(node.Content.SizeBytes, 100_000); offset += part.Length)
                    node.Content.Read(offset, part.AsSpan(0, (int)Math.Min(part.Length, node.Content.SizeBytes - offset)));
        }
        catch (InvalidDataException)
        {
            // The other ending.
        }
    }
}
