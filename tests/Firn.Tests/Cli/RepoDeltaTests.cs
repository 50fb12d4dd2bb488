using System.Collections.Immutable;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Firn.Cli;
using Firn.Formats.Payloads;
using Firn.Formats.Releases;
using Firn.Formats.Trees;
using Firn.Tests.Formats;
using Firn.Tests.Images.Deltas;
using SquashImages = Firn.Tests.Formats.SquashFs.Images;

namespace Firn.Tests.Cli;

/// <summary><c>firn repo add --delta-from</c>, and what a machine finds in the repository then.</summary>
[SupportedOSPlatform("linux")]
public sealed class RepoDeltaTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private string Home => _scratch.File("updates");

    public RepoDeltaTests()
    {
        Assert.Equal(0, Run("repo", "init", Home, "--keys", _scratch.File("keys"), "--no-passphrase").Code);
        Do("repo", "delegate", "stable", "--no-passphrase");
    }

    [Fact]
    public void Patches_from_the_last_versions_are_published_and_make_the_new_image()
    {
        foreach (var version in new[] { 1, 2, 3 }) Do("repo", "add", Release(version), "--channel", "stable");
        Do("repo", "publish");

        Do("repo", "add", Release(10), "--channel", "stable", "--delta-from", "last:2", "--cache", _scratch.File("cache"));
        Do("repo", "publish");

        var manifest = ReleaseManifest.Read(File.ReadAllBytes(Published(10, "manifest.json")));
        Assert.Equal(["1.3", "1.2"], manifest.Root.Deltas!.Select(delta => delta.FromVersion));
        var pack = File.ReadAllBytes(Published(10, manifest.Root.Deltas![0].Pack.File));
        Assert.Equal(manifest.Root.Deltas[0].Pack.Sha256, Convert.ToHexStringLower(SHA256.HashData(pack)));
        Assert.Equal(manifest.Root.Deltas[0].Pack.HeadSha256, Convert.ToHexStringLower(SHA256.HashData(pack.AsSpan(0, manifest.Root.Deltas[0].Pack.HeadBytes))));
        var (old, target) = (File.ReadAllBytes(Published(3, "root.squashfs")), File.ReadAllBytes(Published(10, "root.squashfs")));
        Assert.Equal(manifest.Root.Deltas[0].FromSha256, Convert.ToHexStringLower(SHA256.HashData(old)));
        var oldIndex = BlockIndex.Read(File.ReadAllBytes(Published(3, "root.squashfs.idx")));
        Packs.MakesAll(pack, oldIndex, old, target);
        Assert.Equal(0, Run("repo", "verify", Home).Code);
    }

    [Fact]
    public void What_was_made_once_is_taken_from_the_cache()
    {
        Do("repo", "add", Release(1), "--channel", "stable");
        var release = Release(2);
        Do("repo", "add", release, "--channel", "stable", "--delta-from", "1.1", "--cache", _scratch.File("cache"));
        var pack = Assert.Single(Directory.GetFiles(_scratch.File("cache")));
        var written = File.GetLastWriteTimeUtc(pack);
        var first = Directory.GetFiles(Path.Combine(Home, "targets/stable/edge-box-1.2-x86-64")).Order().ToArray();

        Do("repo", "add", release, "--channel", "stable", "--delta-from", "1.1", "--cache", _scratch.File("cache"), "--threads", "1");

        Assert.Equal(written, File.GetLastWriteTimeUtc(Assert.Single(Directory.GetFiles(_scratch.File("cache")))));
        Assert.Equal(first, Directory.GetFiles(Path.Combine(Home, "targets/stable/edge-box-1.2-x86-64")).Order());
    }

    [Theory]
    [InlineData("9.9", "has no such older release; there are 1.1")]
    [InlineData("last:0", "expected last: and a number")]
    [InlineData("last:x", "expected last: and a number")]
    public void A_version_that_is_not_there_is_an_error_that_names_those_that_are(string from, string expected)
    {
        Do("repo", "add", Release(1), "--channel", "stable");

        var (code, _, error) = Run("repo", "add", Release(2), "--channel", "stable", "--delta-from", from, "--repo", Home, "--keys", _scratch.File("keys"));

        Assert.NotEqual(0, code);
        Assert.Contains(expected, error);
        Assert.False(Directory.Exists(Path.Combine(Home, "targets/stable/edge-box-1.2-x86-64")));
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        return (CommandTree.Run(arguments, new(), output, error), output.ToString(), error.ToString());
    }

    private string Do(params string[] arguments)
    {
        var (code, output, error) = Run([.. arguments, "--repo", Home, "--keys", _scratch.File("keys")]);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: exit code {code}: {output}{error}");
        return output;
    }

    /// <summary>Where a file of a release is; its hash comes before its name.</summary>
    private string Published(int version, string file) =>
        Assert.Single(Directory.GetFiles(Path.Combine(Home, $"targets/stable/edge-box-1.{version}-x86-64"), $"*.{file}"));

    private string Release(int version)
    {
        var directory = _scratch.File($"release-{version}");
        Directory.CreateDirectory(directory);
        var tree = new FileTree();
        for (var i = 0; i < 5; i++) tree.Put($"lib/{i}", SquashImages.File((byte[])[.. SquashImages.Noise(5000, i), (byte)version, .. SquashImages.Noise(5000, 10 + i)]));
        var root = SquashImages.Write(tree);
        var boot = SquashImages.Noise(1000);
        var manifest = new ReleaseManifest(
            1, "edge-box", $"1.{version}", "x86-64", Write("boot.img", boot, BlockIndex.Of(FileContent.Of(boot), [])),
            Write("root.squashfs", root, Packs.Open(root).Index), new("firn", 0, ImmutableSortedDictionary<string, string>.Empty));
        File.WriteAllBytes(Path.Combine(directory, ReleaseManifest.FileName), manifest.ToJson());
        return directory;

        ReleaseImage Write(string name, byte[] image, BlockIndex index)
        {
            File.WriteAllBytes(Path.Combine(directory, name), image);
            File.WriteAllBytes(Path.Combine(directory, $"{name}.idx"), index.ToBytes());
            return new(name, image.Length, Convert.ToHexStringLower(SHA256.HashData(image)), ReleaseFile.Of($"{name}.idx", index.ToBytes(), index.Head.SizeBytes));
        }
    }
}
