using System.Text.Json;
using Firn.Cli;
using Firn.Formats.Tar;
using Firn.Formats.Trees;
using Firn.Images.Recipes;
using Firn.Tests.Formats;
using SquashImages = Firn.Tests.Formats.SquashFs.Images;

namespace Firn.Tests.Images.RootImages;

/// <summary>The verbs about squashfs images as a person or a script meets them.</summary>
public sealed class SquashVerbsTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose()
    {
        ForeignTool.Run("chmod", "-R", "u+rwX", _scratch.Path);
        _scratch.Dispose();
    }

    [Fact]
    public void A_tar_archive_becomes_an_image_and_an_archive_again()
    {
        var tree = SquashImages.Everything();
        tree.Remove("dev/socket");    // tar has no sockets
        tree.Remove("dev/second-socket");
        WriteTar(tree, "in.tar");

        Succeed("image", "squash", _scratch.File("in.tar"), _scratch.File("image"), "--level", "3", "--block", "4K");
        Succeed("image", "unsquash", _scratch.File("image"), "--tar", _scratch.File("out.tar"));

        Assert.Equal(SquashImages.Describe(tree), SquashImages.Describe(ReadTar("out.tar")));
        Assert.Equal(SquashImages.Describe(tree), SquashImages.Describe(SquashImages.Open(File.ReadAllBytes(_scratch.File("image"))).ReadTree()));
    }

    [Fact]
    public void A_directory_becomes_an_image_and_a_directory_again()
    {
        Directory.CreateDirectory(_scratch.File("in/etc"));
        File.WriteAllText(_scratch.File("in/etc/hostname"), "firn");
        File.CreateSymbolicLink(_scratch.File("in/link"), "../../outside");

        Succeed("image", "squash", _scratch.File("in"), _scratch.File("image"));
        Succeed("image", "unsquash", _scratch.File("image"), "-d", _scratch.File("out"));

        Assert.Equal("firn", File.ReadAllText(_scratch.File("out/etc/hostname")));
        Assert.Equal("../../outside", new FileInfo(_scratch.File("out/link")).LinkTarget);
    }

    [Fact]
    public void Our_extraction_is_that_of_unsquashfs()
    {
        var tree = SquashImages.Everything();
        tree.Directory("closed").Mode = 0;
        tree.Find("bin/tool")!.Attributes = [SquashImages.Attribute("security.capability", [1, 0, 0, 2, 0, 0x20, .. new byte[14]])];
        foreach (var special in new[] { "dev/fifo", "dev/whiteout" }) tree.Find(special)!.Attributes = [];    // Linux refuses these
        tree.Put("closed/inside", SquashImages.File(SquashImages.Noise(100)));
        File.WriteAllBytes(_scratch.File("image"), SquashImages.Write(tree));

        Succeed("image", "unsquash", _scratch.File("image"), "-d", _scratch.File("ours"), "--threads", "3");
        ForeignTool.Run("unsquashfs", "-quiet", "-no-progress", "-d", _scratch.File("theirs"), _scratch.File("image"));

        Assert.Equal(Listing("theirs"), Listing("ours"));
    }

    [Fact]
    public void Parts_of_an_image_are_named_by_paths_and_patterns()
    {
        File.WriteAllBytes(_scratch.File("image"), SquashImages.Write(SquashImages.Everything()));

        Assert.Equal(["/bin", "/bin/same", "/bin/tool", "/etc", "/etc/empty", "/etc/hostname"],
            Lines("image", "ls", _scratch.File("image"), "/bin/t*", "bin/same", "etc", "bin/too?"));
        Succeed("image", "unsquash", _scratch.File("image"), "etc/host*", "-d", _scratch.File("out"));
        Assert.Equal(["etc", "etc/hostname"], Directory.EnumerateFileSystemEntries(_scratch.File("out"), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(_scratch.File("out"), path)).Order());
        Assert.Equal(1, Run("image", "ls", _scratch.File("image"), "no/such").Code);
    }

    [Fact]
    public void A_listing_tells_all_and_comes_as_json_too()
    {
        File.WriteAllBytes(_scratch.File("image"), SquashImages.Write(SquashImages.Everything()));

        Assert.Contains("crw-rw-rw- 0/0        1,3 1970-01-01 00:00 /dev/null", Lines("image", "ls", "-l", _scratch.File("image")));
        Assert.Contains("/\\x80\\xff", Lines("image", "ls", _scratch.File("image")));
        var names = JsonDocument.Parse(Succeed("image", "ls", "--json", _scratch.File("image"))).RootElement.EnumerateArray().ToList();
        var link = names.Single(name => name.GetProperty("path").GetString() == "/lib");
        Assert.Equal(("symlink", "usr/lib"), (link.GetProperty("kind").GetString(), link.GetProperty("target").GetString()));
    }

    [Fact]
    public void A_previous_image_tells_level_and_blocks_and_refuses_others()
    {
        WriteTar(SquashImages.Everything(), "in.tar");
        Succeed("image", "squash", _scratch.File("in.tar"), _scratch.File("one"), "--level", "4", "--block", "64K");

        var result = JsonDocument.Parse(Succeed("image", "squash", _scratch.File("in.tar"), _scratch.File("two"), "--previous", _scratch.File("one"), "--json")).RootElement;
        var refused = Run("image", "squash", _scratch.File("in.tar"), _scratch.File("three"), "--previous", _scratch.File("one"), "--level", "9");

        Assert.Equal((4, 65536), (result.GetProperty("level").GetInt32(), result.GetProperty("blockBytes").GetInt32()));
        Assert.Equal(File.ReadAllBytes(_scratch.File("one")), File.ReadAllBytes(_scratch.File("two")));
        Assert.Equal(1, refused.Code);
        Assert.Contains("has level 4 and blocks of 64K", refused.Error);
        Assert.False(File.Exists(_scratch.File("three")));
    }

    [Fact]
    public void A_sort_file_puts_content_first()
    {
        var tree = new FileTree();
        for (var i = 0; i < 50; i++) tree.Put($"large{i:00}", SquashImages.File(SquashImages.Noise(10_000, seed: i)));
        WriteTar(tree, "in.tar");
        File.WriteAllText(_scratch.File("order"), "# at boot\n/large49\n/large07\n/gone\n");

        var (code, _, error) = Run("image", "squash", _scratch.File("in.tar"), _scratch.File("image"), "--block", "4K", "--sort", _scratch.File("order"));

        Assert.True(code == 0, error);
        Assert.Contains("1 of its paths", error);
        var places = SquashImages.Open(File.ReadAllBytes(_scratch.File("image"))).ReadTree().Walk()
            .OrderBy(entry => ((Firn.Formats.SquashFs.SquashFsContent)entry.Node.Content).Place).Select(entry => entry.Path);
        Assert.Equal(["large49", "large07", "large00", "large01"], places.Take(4));
    }

    [Fact]
    public void The_pages_tell_the_defaults()
    {
        var (level, block) = (RecipeSquashFs.DefaultLevel, $"{RecipeSquashFs.DefaultBlockBytes >> 10}K");
        string Page(string name) => File.ReadAllText(Path.Combine(Repository.Root, "docs", name));

        Assert.Contains($"zstd level, 1 to 22 | {level}, or", Page("reference/squash.md"));
        Assert.Contains($"a power of two | {block}, or", Page("reference/squash.md"));
        Assert.Contains($"| `block` | `{block}` |", Page("reference/recipe.md"));
        Assert.Contains($"zstd level {level} with blocks of {block[..^1]} KiB", Page("decisions/0010-level-and-block.md"));
    }

    [Fact]
    public void The_cache_has_verbs_of_its_own()
    {
        WriteTar(SquashImages.Everything(), "in.tar");
        string[] squash = ["image", "squash", _scratch.File("in.tar"), _scratch.File("image"), "--cache", _scratch.File("cache"), "--json"];
        Succeed(squash);

        var again = JsonDocument.Parse(Succeed(squash)).RootElement.GetProperty("cached");
        Assert.Equal(0, again.GetProperty("misses").GetInt64());
        Assert.True(JsonDocument.Parse(Succeed("cache", "stats", "--cache", _scratch.File("cache"), "--json")).RootElement.GetProperty("blocks").GetInt64() > 3);
        Assert.Contains("are good", Succeed("cache", "verify", "--cache", _scratch.File("cache")));
        Assert.Contains("removed 1 packs", Succeed("cache", "prune", "--cache", _scratch.File("cache"), "--limit", "0"));
    }

    [Theory]
    [InlineData(2, "image", "squash", "x")]
    [InlineData(2, "image", "squash", "x", "y", "--level", "23")]
    [InlineData(2, "image", "squash", "x", "y", "--block", "5K")]
    [InlineData(2, "cache", "prune", "--limit", "much")]
    [InlineData(1, "image", "squash", "/no/such/source", "/tmp/firn-never-written")]
    [InlineData(1, "image", "squash", "/dev/null", "/no/such/directory/image")]
    [InlineData(1, "image", "ls", "/dev/null")]
    [InlineData(1, "image", "unsquash", "/no/such/image")]
    public void What_goes_wrong_has_an_exit_code_and_nothing_on_stdout(int code, params string[] arguments)
    {
        var result = Run(arguments);

        Assert.Equal(code, result.Code);
        Assert.NotEqual("", result.Error);
        Assert.Equal("", result.Output);
    }

    [Fact]
    public void A_listing_of_all_is_that_of_all_names_at_the_top()
    {
        var tree = SquashImages.Everything();
        tree.Put("etc/ünï\tcode", SquashImages.File(SquashImages.Noise(10)));
        tree.Directory("etc").Children[new ByteString([0x66, 0xff, 0xe2, 0x82])] = new(FileKind.Fifo);
        tree.Put($"long/{new string('a', 200)}/{new string('b', 200)}/c", SquashImages.File(SquashImages.Noise(10)));
        File.WriteAllBytes(_scratch.File("image"), SquashImages.Write(tree));

        Assert.Equal(Succeed("image", "ls", _scratch.File("image"), "*"), Succeed("image", "ls", _scratch.File("image")));
        Assert.Equal(Succeed("image", "ls", "--long", _scratch.File("image"), "*"), Succeed("image", "ls", "--long", _scratch.File("image")));
        Assert.Contains("/etc/ünï\\x09code\n", Succeed("image", "ls", _scratch.File("image")));
        Assert.Contains("/etc/f\\xff\\xe2\\x82\n", Succeed("image", "ls", _scratch.File("image")));
    }

    [Fact]
    public void Nothing_is_extracted_over_what_is_there()
    {
        File.WriteAllBytes(_scratch.File("image"), SquashImages.Write(SquashImages.Everything()));
        Directory.CreateDirectory(_scratch.File("out"));
        File.WriteAllText(_scratch.File("out/mine"), "");

        var (code, _, error) = Run("image", "unsquash", _scratch.File("image"), "-d", _scratch.File("out"));

        Assert.Equal(1, code);
        Assert.Contains("is not empty", error);
    }

    private IEnumerable<string> Listing(string directory) =>
        ForeignTool.RunIn(_scratch.File(directory), "sh", "-c",
            "find . -mindepth 1 -printf '%P %y %m %U %G %n %s %Ts %l\\n' | sed -E 's/^(.* d [0-9]+ [0-9]+ [0-9]+ [0-9]+) [0-9]+/\\1/'; find . -type f -exec sha256sum {} +; getfattr -R -P -h -d -m - -e hex . 2>/dev/null")
            .Split('\n').Order(StringComparer.Ordinal);

    private void WriteTar(FileTree tree, string name)
    {
        using var file = File.Create(_scratch.File(name));
        TarWriter.Write(tree, file);
    }

    private FileTree ReadTar(string name)
    {
        var bytes = File.ReadAllBytes(_scratch.File(name));
        return TarReader.Read(new MemoryStream(bytes), (offset, size) => FileContent.Of(bytes.AsMemory((int)offset, (int)size)));
    }

    private static string[] Lines(params string[] arguments) => Succeed(arguments).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Succeed(params string[] arguments)
    {
        var (code, output, error) = Run(arguments);
        Assert.True(code == 0, error);
        return output;
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        return (CommandTree.Run(arguments, new Wiring(), output, error), output.ToString(), error.ToString());
    }
}
