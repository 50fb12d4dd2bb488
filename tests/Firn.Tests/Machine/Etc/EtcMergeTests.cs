using Firn.Formats.Trees;
using Firn.Machine.Etc;
using FsCheck;
using FsCheck.Fluent;

namespace Firn.Tests.Machine.Etc;

/// <summary>Trees are written as text: one line for each entry, <c>path content</c>; see <see cref="Tree"/>.</summary>
public sealed class EtcMergeTests
{
    [Theory]
    // old, local, next => result
    [InlineData("a=1", "a=1", "a=1", "a=1")]
    [InlineData("a=1", "a=2", "a=1", "a=2")]
    [InlineData("a=1", "a=1", "a=2", "a=2")]
    [InlineData("a=1", "a=2", "a=2", "a=2")]
    [InlineData("a=1", "", "a=1", "")]
    [InlineData("a=1", "a=1", "", "")]
    [InlineData("a=1", "", "", "")]
    [InlineData("", "a=1", "", "a=1")]
    [InlineData("", "", "a=1", "a=1")]
    [InlineData("d/a=1", "d/a=1 d/b=2", "d/a=3 d/c=4", "d/a=3 d/b=2 d/c=4")]
    [InlineData("d/a=1 d/b=1", "d/a=1 d/b=1 d/mine=1", "", "d/mine=1")]
    [InlineData("a=1", "a->x", "a=1", "a->x")]
    [InlineData("a->x", "a->x", "a->y", "a->y")]
    [InlineData("a=1", "a/b=2", "a=1", "a/b=2")]
    [InlineData("a/b=1", "a/b=1", "a=2", "a=2")]
    [InlineData("a=1:755", "a=1:700", "a=2:755", "a=2:700")]
    [InlineData("a=1:755", "a=2:755", "a=1:700", "a=2:700")]
    [InlineData("d:755 d/a=1", "d:700 d/a=1", "d:755 d/a=2", "d:700 d/a=2")]
    [InlineData("d:755", "d:755", "d:700", "d:700")]
    public void What_only_one_side_changed_is_taken_from_it(string old, string local, string next, string expected)
    {
        var (tree, conflicts) = EtcMerge.Run(Tree(old), Tree(local), Tree(next));

        Assert.Equal(Text(Tree(expected)), Text(tree));
        Assert.Empty(conflicts);
    }

    [Theory]
    [InlineData("a=1", "a=2", "a=3", "a=2 a.firn-new=3", "a", true)]
    [InlineData("a=1", "a->x", "a=3", "a->x a.firn-new=3", "a", true)]
    [InlineData("a->x", "a->y", "a->z", "a->y a.firn-new->z", "a", true)]
    [InlineData("", "a=1", "a=2", "a=1 a.firn-new=2", "a", true)]
    [InlineData("a=1", "", "a=2", "", "a", false)]
    [InlineData("a=1", "a=2", "", "a=2", "a", false)]
    [InlineData("d/a=1", "d=mine", "d/a=2", "d=mine d.firn-new/a=2", "d", true)]
    [InlineData("d/a=1", "d/a=1 d/b=1", "d=file", "d/a=1 d/b=1 d.firn-new=file", "d", true)]
    [InlineData("d/a=1", "", "d/a=1 d/b=2", "", "d", false)]
    [InlineData("d/a=1", "d/a=2 d/b=1", "", "d/a=2 d/b=1", "d/a", false)]
    [InlineData("a=1:755", "a=1:700", "a=1:711", "a=1:700", "a", false)]
    [InlineData("a=1", "a=2 a.firn-new=older", "a=3", "a=2 a.firn-new=3", "a", true)]
    public void What_both_changed_stays_as_on_the_machine_and_is_listed(
        string old, string local, string next, string expected, string path, bool hasNewVersion)
    {
        var (tree, conflicts) = EtcMerge.Run(Tree(old), Tree(local), Tree(next));

        Assert.Equal(Text(Tree(expected)), Text(tree));
        var conflict = Assert.Single(conflicts);
        Assert.Equal(path, conflict.Path);
        Assert.Equal(hasNewVersion ? path + ".firn-new" : null, conflict.NewVersion);
    }

    [Fact]
    public void Owners_and_attributes_are_merged_each_by_itself()
    {
        var (old, local, next) = (Tree("a=1"), Tree("a=1"), Tree("a=2"));
        local.Find("a")!.Uid = 1000;
        next.Find("a")!.Gid = 50;
        local.Find("a")!.Attributes = [new("user.mine", [1])];

        var node = EtcMerge.Run(old, local, next).Tree.Find("a")!;

        Assert.Equal((1000u, 50u, "2"), (node.Uid, node.Gid, System.Text.Encoding.UTF8.GetString(node.Content.ReadAll())));
        Assert.Equal("user.mine", Assert.Single(node.Attributes).Name.ToString());
    }

    [Fact]
    public void A_name_too_long_for_a_second_one_still_has_its_conflict()
    {
        var name = new string('n', 250);

        var (tree, conflicts) = EtcMerge.Run(Tree($"{name}=1"), Tree($"{name}=2"), Tree($"{name}=3"));

        Assert.Single(tree.Root.Children);
        Assert.Single(conflicts);
    }

    [Fact]
    public void Accounts_are_merged_entry_by_entry()
    {
        var (tree, conflicts) = EtcMerge.Run(
            Tree("passwd=root:x:0:0::/:/bin/sh\nsshd:x:100:1::/:/no\n"),
            Tree("passwd=root:x:0:0::/:/bin/bash\nsshd:x:100:1::/:/no\nalice:x:1000:1000::/:/bin/sh\n passwd-=1"),
            Tree("passwd=root:x:0:0::/root:/bin/sh\nsshd:x:101:1::/:/no\nnew:x:102:1::/:/no\n passwd-=2"));

        Assert.Equal(
            "root:x:0:0::/root:/bin/bash\nsshd:x:101:1::/:/no\nnew:x:102:1::/:/no\nalice:x:1000:1000::/:/bin/sh\n",
            System.Text.Encoding.UTF8.GetString(tree.Find("passwd")!.Content.ReadAll()));
        Assert.DoesNotContain(conflicts, conflict => conflict.Path == "passwd");
    }

    /// <summary>Laws that hold for all trees, whatever is in them.</summary>
    [Fact]
    public void Who_changed_nothing_has_no_say() => Check.One(Settings, Prop.ForAll(Trees(2), trees =>
    {
        var (one, other) = (trees[0], trees[1]);
        Assert.Equal(Text(Tree(other)), Text(EtcMerge.Run(Tree(one), Tree(one), Tree(other)).Tree));
        Assert.Equal(Text(Tree(other)), Text(EtcMerge.Run(Tree(one), Tree(other), Tree(one)).Tree));
        Assert.Equal(Text(Tree(other)), Text(EtcMerge.Run(Tree(one), Tree(other), Tree(other)).Tree));
    }));

    [Fact]
    public void An_upper_directory_shows_exactly_the_tree_it_was_made_for() => Check.One(Settings, Prop.ForAll(Trees(2), trees =>
    {
        var (lower, wanted) = (Tree(trees[0]), Tree(trees[1]));
        var upper = OverlayTree.Difference(lower, wanted);
        Assert.Equal(Text(wanted), Text(OverlayTree.Merge(lower, upper)));
        if (Text(lower) == Text(wanted)) Assert.Empty(upper.Root.Children);
    }));

    [Fact]
    public void No_change_of_the_machine_is_ever_lost_without_a_conflict() => Check.One(Settings, Prop.ForAll(Trees(3), trees =>
    {
        var (old, local, next) = (Tree(trees[0]), Tree(trees[1]), Tree(trees[2]));
        var (merged, conflicts) = EtcMerge.Run(old, local, next);
        foreach (var (path, node) in local.Walk().Where(entry => entry.Node.Kind != FileKind.Directory))
            if (!NodeComparison.AreEqual(node, old.Find(path)) && !NodeComparison.AreEqual(node, merged.Find(path)))
                // content and mode may come from different sides
                Assert.True(node.Kind == FileKind.File && merged.Find(path) is { Kind: FileKind.File } file
                    && (NodeComparison.HaveEqualContent(file.Content, node.Content) || file.Mode == node.Mode), path);
        Assert.Equal(conflicts.Length, conflicts.Select(conflict => conflict.Path).Distinct().Count());
    }));

    private static Config Settings => Config.QuickThrowOnFailure.WithReplay(20260102, 1).WithMaxTest(300);

    /// <summary>Small trees that have much in common, as text.</summary>
    private static Arbitrary<string[]> Trees(int count)
    {
        var entry = Gen.Elements("a=1", "a=2", "a->x", "a/p=1", "a/q=2", "b=1:700", "b=1", "d/a=1", "d/a=2", "d/e/f=1", "d/e=1", "d:700", "d/e->y");
        var tree = Gen.Choose(0, 5).SelectMany(size => entry.ArrayOf(size)).Select(entries => string.Join(' ', entries));
        return tree.ArrayOf(count).ToArbitrary();
    }

    /// <summary><c>path=content</c> is a file, <c>path->target</c> a link, <c>path</c> a directory; <c>:mode</c> may follow.</summary>
    internal static FileTree Tree(string text)
    {
        var tree = new FileTree();
        foreach (var entry in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var isAccountFile = entry.StartsWith("passwd=", StringComparison.Ordinal);
            var (what, mode) = !isAccountFile && entry.LastIndexOf(':') is > 0 and var colon
                ? (entry[..colon], (uint?)Convert.ToUInt32(entry[(colon + 1)..], 8))
                : (entry, null);
            FileNode node;
            string path;
            if (what.Split("->") is [var link, var target])
                (path, node) = (link, new(FileKind.Symlink) { LinkTarget = target });
            else if (what.Split('=', 2) is [var file, var content])
                (path, node) = (file, new(FileKind.File) { Content = FileContent.Of(content) });
            else
                (path, node) = (what, new(FileKind.Directory));
            if (mode is not null) node.Mode = mode.Value;
            // the first of two that exclude each other stays
            if (tree.Find(path) is { IsDirectory: true } known && node.IsDirectory) known.Mode = node.Mode;
            else if (tree.Find(path) is null && Parents(path).All(parent => tree.Find(parent) is null or { IsDirectory: true }))
                tree.Put(path, node);
        }
        return tree;
    }

    private static IEnumerable<string> Parents(string path)
    {
        var parts = path.Split('/');
        return Enumerable.Range(1, parts.Length - 1).Select(count => string.Join('/', parts[..count]));
    }

    internal static string Text(FileTree tree) => string.Join('\n', tree.Walk().Select(entry =>
        $"{entry.Path} {entry.Node.Kind} {Convert.ToString(entry.Node.Mode, 8)} {entry.Node.LinkTarget} "
        + $"{System.Text.Encoding.UTF8.GetString(entry.Node.Content.ReadAll())}"));
}
