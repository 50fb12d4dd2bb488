using Firn.Formats.SquashFs;
using Firn.Formats.Trees;

namespace Firn.Tests.Formats.SquashFs;

public sealed class SquashFsLimitTests
{
    [Fact]
    public void A_name_longer_than_Linux_opens_is_refused_with_its_path()
    {
        var tree = new FileTree();
        tree.Put("usr/" + new string('n', 256), new(FileKind.Fifo));

        AssertRefused(tree, $"/usr/{new string('n', 256)}: name of 256 bytes; Linux opens up to 255");
    }

    [Theory]
    [InlineData(""), InlineData("."), InlineData(".."), InlineData("a/b"), InlineData("a\0b")]
    public void A_name_that_is_none_is_refused(string name)
    {
        var tree = new FileTree();
        tree.Root.Children[name] = new(FileKind.Fifo);

        AssertRefused(tree, "not a file name");
    }

    [Fact]
    public void A_directory_with_two_names_is_refused()
    {
        var tree = new FileTree();
        tree.Directory("a/b").Children["loop"] = tree.Find("a")!;

        AssertRefused(tree, "/a/b/loop: a directory has two names");
    }

    [Theory]
    [InlineData(0), InlineData(4096)]
    public void A_link_target_that_Linux_cannot_follow_is_refused(int length)
    {
        var tree = new FileTree();
        tree.Put("link", new(FileKind.Symlink) { LinkTarget = new string('t', length) });

        AssertRefused(tree, $"/link: link target of {length} bytes");
    }

    [Theory]
    [InlineData(4096, 0), InlineData(0, 1 << 20)]
    public void A_device_number_that_does_not_fit_is_refused(int major, int minor)
    {
        var tree = new FileTree();
        tree.Put("dev/x", new(FileKind.BlockDevice) { Device = new((uint)major, (uint)minor) });

        AssertRefused(tree, $"/dev/x: device {major}:{minor}");
    }

    [Theory]
    [InlineData("system.posix_acl_access"), InlineData("user."), InlineData("other.a"), InlineData("user.a\0b")]
    public void An_attribute_without_a_place_is_refused_and_can_be_told_before(string name)
    {
        var tree = new FileTree { Root = { Attributes = [Images.Attribute(name, 1)] } };

        Assert.False(SquashFsWriter.CanHold(tree.Root.Attributes[0]));
        AssertRefused(tree, "/: squashfs cannot hold attribute");
    }

    [Fact]
    public void An_attribute_larger_than_Linux_reads_is_refused()
    {
        var tree = new FileTree { Root = { Attributes = [Images.Attribute("user.a", new byte[65536])] } };
        Assert.Equal(Images.Describe(tree), Images.Describe(Images.Open(Images.Write(tree)).ReadTree()));

        tree.Root.Attributes = [Images.Attribute("user.a", new byte[65537])];
        AssertRefused(tree, "of 65537 bytes");
    }

    [Fact]
    public void Attributes_out_of_order_are_refused()
    {
        var tree = new FileTree { Root = { Attributes = [Images.Attribute("user.b"), Images.Attribute("user.a")] } };

        AssertRefused(tree, "attribute user.a is there twice or out of order");
    }

    [Fact]
    public void Files_of_too_many_blocks_are_refused_before_anything_is_read()
    {
        var tree = new FileTree();
        tree.Put("huge", new(FileKind.File) { Content = new SparseContent(long.MaxValue, []) });

        AssertRefused(tree, "/huge: the files have more than");
    }

    [Theory]
    [InlineData(2048), InlineData(5000), InlineData(2 << 20)]
    public void A_block_size_squashfs_does_not_have_is_refused(int blockSize) =>
        Assert.ThrowsAny<ArgumentException>(() => Images.Write(new(), Images.Options with { BlockSizeBytes = blockSize }));

    [Fact]
    public void A_stream_that_cannot_seek_is_refused()
    {
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream();

        Assert.Throws<ArgumentException>(() => SquashFsWriter.Write(new(), pipe, Images.Options, () => (_, _) => 0));
    }

    [Fact]
    public void A_tree_deeper_than_a_thread_has_stack_is_written()
    {
        var tree = new FileTree();
        var directory = tree.Root;
        for (var i = 0; i < 100_000; i++) directory.Children["d"] = directory = new(FileKind.Directory);

        Assert.NotEmpty(Images.Write(tree));
    }

    private static void AssertRefused(FileTree tree, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Images.Write(tree)).Message);
}
