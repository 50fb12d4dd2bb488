using Firn.Formats.Overlays;
using Firn.Formats.Tar;
using Firn.Formats.Trees;

namespace Firn.Tests.Formats.Overlays;

public sealed class OverlayTests
{
    private static readonly NamedValues Node = NamedValues.Parse("hostname=n1\nkernel=Linux\n", "n1");

    internal static FileTree Tree(params (string Path, string Content)[] files)
    {
        var tree = new FileTree();
        foreach (var (path, content) in files) tree.Put(path, new(FileKind.File) { Content = FileContent.Of(content) });
        return tree;
    }

    private static string Content(FileTree tree, string path) => System.Text.Encoding.UTF8.GetString(tree.Find(path)!.Content.ReadAll());

    [Fact]
    public void Layers_are_laid_by_number_over_the_files_for_all()
    {
        var overlay = Overlay.Of(Tree(
            ("etc/motd", "all"), ("etc/hosts", "all"), ("layers/9-linux/etc/motd", "nine"), ("layers/10-n1/etc/motd", "ten"),
            ("layers/05-n2/etc/motd", "other"), ("layers/11-n2/etc/secret", "other")));

        var plan = OverlayPlan.Of(overlay, Node);

        Assert.Equal(["9-linux", "10-n1"], plan.Layers);
        Assert.Equal(("ten", "all"), (Content(plan.Tree, "etc/motd"), Content(plan.Tree, "etc/hosts")));
        Assert.Null(plan.Tree.Find("etc/secret"));
        Assert.Null(plan.Tree.Find("layers"));
        Assert.Equal(("10-n1", ""), (plan.Origins["etc/motd"], plan.Origins["etc/hosts"]));
    }

    [Fact]
    public void Whiteouts_take_away_what_is_below_and_what_the_image_has()
    {
        var overlay = Overlay.Of(Tree(
            ("etc/cron.d/a", "a"), ("etc/ssh/key", "k"), ("layers/1-n1/etc/.wh.cron.d", ""), ("layers/1-n1/etc/ssh/.wh..wh..opq", ""), ("layers/1-n1/etc/ssh/new", "n")));

        var plan = OverlayPlan.Of(overlay, Node);

        Assert.True(OverlayPlan.IsRemoval(plan.Tree.Find("etc/cron.d")!));
        Assert.Equal(["new"], plan.Tree.Find("etc/ssh")!.Children.Keys.Select(name => name.ToString()));
        Assert.Contains(plan.Tree.Find("etc/ssh")!.Attributes, one => one.Name == "trusted.overlay.opaque");
        Assert.DoesNotContain("etc/cron.d/a", plan.Origins.Keys);
    }

    [Theory]
    [InlineData("layers/linux/etc/x")]
    [InlineData("layers/10-/x")]
    [InlineData("layers/10x/x")]
    [InlineData("layers/1234567-a/x")]
    [InlineData("proc/x")]
    [InlineData("layers/1/run/x")]
    [InlineData("usr/bin/firn")]
    [InlineData("usr/lib/firn/root.json")]
    [InlineData("usr/lib/.wh.firn")]
    [InlineData(".wh.data")]
    [InlineData("data/x")]
    public void What_is_not_an_overlays_to_have_is_refused(string path)
    {
        var error = Assert.Throws<InvalidDataException>(() => Overlay.Of(Tree((path, "x"))));
        Assert.StartsWith("overlay: ", error.Message);
    }

    [Theory]
    [InlineData(FileKind.CharacterDevice, "device")]
    [InlineData(FileKind.BlockDevice, "device")]
    [InlineData(FileKind.Fifo, "FIFO")]
    public void Devices_are_refused(FileKind kind, string word)
    {
        var tree = new FileTree();
        tree.Put("etc/odd", new(kind));

        Assert.Contains($"etc/odd is a {word}", Assert.Throws<InvalidDataException>(() => Overlay.Of(tree)).Message);
    }

    [Fact]
    public void Attributes_of_overlayfs_do_not_come_in()
    {
        var tree = Tree(("etc/x", "x"));
        tree.Find("etc/x")!.Attributes = [new("security.capability", [1]), new("trusted.overlay.redirect", [2]), new("user.note", [3])];

        Assert.Equal(["security.capability"], Overlay.Of(tree).Base.Find("etc/x")!.Attributes.Select(one => one.Name.ToString()));
    }

    [Fact]
    public void A_damaged_archive_is_a_value_or_refused()
    {
        using var tar = new MemoryStream();
        TarWriter.Write(Tree(("etc/motd", "all"), ("layers/10-n1/etc/motd", "ten"), ("layers/11-n1/.wh.gone", "")), tar);
        Damage.IsSurvived(tar.ToArray(), bytes =>
            OverlayPlan.Of(Overlay.Read(new MemoryStream(bytes), (offset, size) => FileContent.Of(bytes.AsMemory((int)offset, (int)size))), Node));
    }

    [Theory]
    [InlineData("name", 1)]
    [InlineData("=x", 1)]
    [InlineData("# fine\n\nrole=\n", 3)]
    [InlineData("a b=c", 1)]
    public void Facts_that_are_none_are_refused_with_their_line(string text, int line) =>
        Assert.StartsWith($"m:{line}: ", Assert.Throws<InvalidDataException>(() => NamedValues.Parse(text, "m")).Message);

    [Theory]
    [InlineData("label:STICK/node.ovl", OverlaySourceKind.Label)]
    [InlineData("data:/ovl/a", OverlaySourceKind.Data)]
    [InlineData("esp:/a.ovl", OverlaySourceKind.Esp)]
    [InlineData("btrfs:/@ovls/web", OverlaySourceKind.Btrfs)]
    [InlineData("btrfs:POOL/@ovls/web", OverlaySourceKind.Btrfs)]
    [InlineData("https://example.org/a?b=c", OverlaySourceKind.Url)]
    [InlineData("dns:ovl.example.org", OverlaySourceKind.Dns)]
    [InlineData("efi:FirnOverlay-8be4df61-93ca-11d2-aa0d-00e098032b8c", OverlaySourceKind.Efi)]
    [InlineData("fw_cfg:opt/firn/overlay", OverlaySourceKind.FwCfg)]
    [InlineData("repository:overlays/fleet.ovl", OverlaySourceKind.Repository)]
    public void Sources_are_read_and_written(string text, OverlaySourceKind kind)
    {
        Assert.True(OverlaySource.TryParse(text, out var source));
        Assert.Equal((kind, text), (source.Kind, source.ToString()));
    }

    [Theory]
    [InlineData("label:/node.ovl")]
    [InlineData("label:STICK")]
    [InlineData("data:x/y")]
    [InlineData("esp:/../x")]
    [InlineData("fw_cfg:/x")]
    [InlineData("efi:../x")]
    [InlineData("http:///x")]
    [InlineData("ftp://host/x")]
    [InlineData("data:/a b")]
    [InlineData("data:/a'b")]
    [InlineData("nothing")]
    public void What_is_no_source_is_not_taken_for_one(string text) => Assert.False(OverlaySource.TryParse(text, out _));
}
