using Firn.Formats.Trees;
using Firn.Images.Content;
using Firn.Tests.Formats;
using Firn.Tests.Formats.Tar;

namespace Firn.Tests.Images.Content;

public sealed class OciSourceTests
{
    private static readonly byte[] Lower = new TarBuilder()
        .Directory("etc").File("etc/motd", "old").File("etc/gone", "x")
        .Directory("var").Directory("var/cache").File("var/cache/a", "a").File("var/cache/b", "b")
        .Directory("srv").File("srv/file", "x").Symlink("lib", "usr/lib").File("usr/lib/libc.so", "c").Build();

    private static readonly byte[] Upper = new TarBuilder()
        .File("etc/motd", "new").File("etc/.wh.gone", "")
        .File("var/cache/c", "c").File("var/cache/.wh..wh..opq", "")    // an opaque mark need not come first
        .File(".wh.srv", "").File("lib/.wh.libc.so", "").File("etc/.wh.never-was", "").File(".wh..wh.plnk", "").Build();

    private static readonly byte[] Other = new TarBuilder().File("other", "").Build();

    [Theory]
    [InlineData("cat")]
    [InlineData("gzip -c")]
    [InlineData("zstd -q -c")]
    public void Layers_lie_over_each_other(string compress)
    {
        using var scratch = new ScratchDirectory();
        scratch.Write("upper.tar", Upper);
        Shell.Run($"{compress} < upper.tar > upper", scratch.Path);
        var layout = new OciLayout(scratch);
        layout.Write(layout.Image("amd64", "", Lower, File.ReadAllBytes(scratch.File("upper"))));
        using var spool = new SpoolArea(scratch.File("work"));

        var tree = OciSource.Load(new(layout.Path, null), spool, _ => { }).Tree;

        Assert.Equal(
            ["etc", "etc/motd", "lib", "usr", "usr/lib", "var", "var/cache", "var/cache/c"], tree.Walk().Select(named => named.Path));
        Assert.Equal("new"u8, tree.Find("etc/motd")!.Content.ReadAll());
    }

    [Fact]
    public void What_a_layer_adds_is_not_hidden_by_its_own_whiteouts()
    {
        using var scratch = new ScratchDirectory();
        var layout = new OciLayout(scratch);
        layout.Write(layout.Image("amd64", "", Lower, new TarBuilder().Directory("etc").File("etc/motd", "new").File(".wh.etc", "").Build()));

        Assert.Equal(["etc/motd"], Names(layout.Path, null).Where(name => name.StartsWith("etc/", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_layout_may_be_in_an_archive()
    {
        using var scratch = new ScratchDirectory();
        var layout = new OciLayout(scratch);
        layout.Write(layout.Image("amd64", "", Other));
        Shell.Run("tar -cf layout.tar -C layout .", scratch.Path);

        Assert.Equal(["other"], Names(scratch.File("layout.tar"), null));
    }

    [Fact]
    public void The_image_for_our_platform_is_found_behind_an_index()
    {
        using var scratch = new ScratchDirectory();
        var layout = new OciLayout(scratch);
        layout.Write(layout.Index(
            layout.Image("arm64", OciLayout.Platform("arm64"), Lower), layout.Image("amd64", OciLayout.Platform("amd64"), Other),
            layout.Image("unknown", OciLayout.Platform("unknown"), Lower)));

        Assert.Equal(["other"], Names(layout.Path, null));
    }

    [Fact]
    public void A_tag_chooses_one_of_several_images()
    {
        using var scratch = new ScratchDirectory();
        var layout = new OciLayout(scratch);
        layout.Write(
            layout.Image("amd64", OciLayout.Tag("v1"), Other),
            layout.Image("amd64", OciLayout.Tag("example.org/app:v2"), new TarBuilder().File("second", "").Build()));

        Assert.Equal(["other"], Names(layout.Path, "v1"));
        Assert.Equal(["second"], Names(layout.Path, "v2"));
        Assert.Contains("2 images for linux/amd64; add a tag", Refusal(layout.Path, null));
        Assert.Contains("no image tagged 'v3'; there are 'v1', 'example.org/app:v2'", Refusal(layout.Path, "v3"));
    }

    [Fact]
    public void An_image_for_another_platform_is_refused()
    {
        using var scratch = new ScratchDirectory();
        var layout = new OciLayout(scratch);
        layout.Write(layout.Image("arm64", "", Lower));

        Assert.Contains("no image for linux/amd64", Refusal(layout.Path, null));
    }

    [Fact]
    public void A_blob_that_is_not_what_its_digest_says_is_refused()
    {
        using var scratch = new ScratchDirectory();
        var layout = new OciLayout(scratch);
        layout.Write(layout.Image("amd64", "", Lower));
        var layer = Directory.GetFiles(layout.File("blobs/sha256")).MaxBy(path => new FileInfo(path).Length)!;
        var bytes = File.ReadAllBytes(layer);

        bytes[600] ^= 1;
        File.WriteAllBytes(layer, bytes);
        Assert.Contains("is damaged", Refusal(layout.Path, null));
        File.WriteAllBytes(layer, bytes[..^1]);
        Assert.Contains($"expected {bytes.Length}", Refusal(layout.Path, null));
        File.Delete(layer);
        Assert.Contains("is missing", Refusal(layout.Path, null));
    }

    [Fact]
    public void Indexes_in_indexes_end_somewhere()
    {
        using var scratch = new ScratchDirectory();
        var layout = new OciLayout(scratch);
        layout.Write(Enumerable.Range(0, 10).Aggregate(layout.Image("amd64", "", Lower), (below, _) => layout.Index(below)));

        Assert.Contains("nested too deeply", Refusal(layout.Path, null));
    }

    [Fact]
    public void A_directory_that_is_no_layout_is_refused()
    {
        using var scratch = new ScratchDirectory();

        Assert.Contains("is not an OCI image layout", Refusal(scratch.Path, null));
    }

    [Fact]
    public void Damaged_JSON_is_survived()
    {
        using var scratch = new ScratchDirectory();
        var layout = new OciLayout(scratch);
        layout.Write(layout.Image("amd64", OciLayout.Platform("amd64"), Other));

        Damage.IsSurvived(File.ReadAllBytes(layout.File("index.json")), damaged =>
        {
            File.WriteAllBytes(layout.File("index.json"), damaged);
            Names(layout.Path, null);
        });
        var manifest = Directory.GetFiles(layout.File("blobs/sha256")).Select(File.ReadAllBytes).Single(blob => blob.AsSpan().IndexOf("\"layers\""u8) > 0);
        Damage.IsSurvived(manifest, damaged => OciJson.Read(FileContent.Of(damaged), OciJson.Default.OciManifest, "manifest"));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"manifests":null}""")]
    [InlineData("""{"manifests":[null]}""")]
    [InlineData("""{"manifests":[]}""")]
    [InlineData("""{"manifests":[{"digest":"sha256:..","size":1}]}""")]
    [InlineData("""{"manifests":[{"digest":null,"size":1}]}""")]
    [InlineData("""{"manifests":[{"digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000","size":1}]}""")]
    public void An_index_without_what_it_must_have_is_refused(string json)
    {
        using var scratch = new ScratchDirectory();
        var layout = new OciLayout(scratch);
        File.WriteAllText(layout.File("index.json"), json);

        Refusal(layout.Path, null);
    }

    private static string[] Names(string path, string? tag)
    {
        using var scratch = new ScratchDirectory();
        using var spool = new SpoolArea(scratch.Path);
        return [.. OciSource.Load(new(path, tag), spool, _ => { }).Tree.Walk().Select(named => named.Path)];
    }

    private static string Refusal(string path, string? tag) => Assert.Throws<InvalidDataException>(() => Names(path, tag)).Message;
}
