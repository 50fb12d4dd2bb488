using Firn.Formats.Trees;

namespace Firn.Tests.Formats.Trees;

public sealed class FileTreeTests
{
    private static FileNode Link(string target) => new(FileKind.Symlink) { LinkTarget = target };
    private static FileNode File(string text) => new(FileKind.File) { Content = FileContent.Of(text) };

    [Fact]
    public void A_path_is_resolved_as_a_program_inside_the_tree_would()
    {
        var tree = new FileTree();
        var module = tree.Put("usr/lib/modules/6.1/modules.dep", File("x"));
        tree.Put("lib", Link("usr/lib"));
        tree.Put("here", Link("/lib/../lib/modules"));

        Assert.Same(module, tree.Resolve("here/6.1/modules.dep", out var path));
        Assert.Equal("usr/lib/modules/6.1/modules.dep", path);
        Assert.Null(tree.Find("lib/modules"));
    }

    [Fact]
    public void No_link_leads_out_of_the_tree()
    {
        var tree = new FileTree();
        var passwd = tree.Put("etc/passwd", File("x"));
        tree.Put("a/b/escape", Link("../../../../../etc/passwd"));

        Assert.Same(passwd, tree.Resolve("a/b/escape"));
    }

    [Fact]
    public void Links_that_go_in_a_circle_lead_nowhere()
    {
        var tree = new FileTree();
        tree.Put("a", Link("b"));
        tree.Put("b", Link("a"));

        Assert.Null(tree.Resolve("a"));
    }

    [Fact]
    public void Names_are_walked_in_byte_order_parents_first()
    {
        var tree = new FileTree();
        foreach (var path in new[] { "b/x", "a", "B", "b-c" }) tree.Put(path, File(""));

        Assert.Equal(["B", "a", "b", "b/x", "b-c"], tree.Walk().Select(entry => entry.Path));
    }

    [Fact]
    public void A_file_in_the_way_of_a_directory_is_named()
    {
        var tree = new FileTree();
        tree.Put("a/b", File(""));

        Assert.Contains("b is not a directory", Assert.Throws<InvalidDataException>(() => tree.Put("a/b/c", File(""))).Message);
    }

    [Fact]
    public void Names_that_are_not_text_are_shown_byte_by_byte() =>
        Assert.Equal("a\\xff\\x0aé", new ByteString([(byte)'a', 0xff, 0x0a, 0xc3, 0xa9]).ToString());
}
