using Firn.Cli;
using Firn.Swu.Building;
using Firn.Tests.Formats;
using Firn.Tests.Machine;

namespace Firn.Tests.Swu.Building;

/// <summary>GNU cpio and OpenSSL judge what is written; SWUpdate itself does in the system tests.</summary>
public sealed class SwuBuilderTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly TestRelease _release = TestRelease.Make("2");
    private readonly string _directory;

    public SwuBuilderTests() => _directory = _release.WriteTo(_scratch.File("release"));

    public void Dispose() => _scratch.Dispose();

    private static SwuOptions Options => new() { Revisions = ["1.0"] };

    private string Build(string name, SwuOptions options) => SwuBuilder.Build(_directory, _scratch.File(name), options).File;

    private string Unpack(string file)
    {
        var directory = Directory.CreateDirectory(_scratch.File(Path.GetFileName(file) + ".d")).FullName;
        ForeignTool.RunIn(directory, "sh", "-c", $"cpio -id --quiet < {file}");
        return directory;
    }

    [Fact]
    public void Cpio_finds_description_signature_and_images_in_this_order_with_right_sums()
    {
        var file = Build("x.swu", Options with { Sign = _ => "signed"u8.ToArray() });

        var names = ForeignTool.Run("sh", "-c", $"cpio -t --quiet < {file}");
        Assert.Equal("sw-description\nsw-description.sig\nroot.squashfs\nboot.img\n", names);
        Assert.Equal("", ForeignTool.Run("sh", "-c", $"cpio -i --only-verify-crc --quiet < {file} 2>&1"));
        Assert.Equal(_release.Root, File.ReadAllBytes(Path.Combine(Unpack(file), "root.squashfs")));
        Assert.Equal(_release.Boot, File.ReadAllBytes(Path.Combine(Unpack(file), "boot.img")));
        Assert.Equal(0, new FileInfo(file).Length % 512);
    }

    [Fact]
    public void The_same_release_gives_the_same_bytes()
    {
        foreach (var isCompressed in new[] { false, true })
            Assert.Equal(
                File.ReadAllBytes(Build("one.swu", Options with { IsCompressed = isCompressed })),
                File.ReadAllBytes(Build("two.swu", Options with { IsCompressed = isCompressed })));
    }

    [Fact]
    public void Compressed_images_are_the_images_when_zstd_has_unpacked_them()
    {
        var directory = Unpack(Build("x.swu", Options with { IsCompressed = true }));

        ForeignTool.RunIn(directory, "zstd", "-q", "-d", "boot.img.zst");
        Assert.Equal(_release.Boot, File.ReadAllBytes(Path.Combine(directory, "boot.img")));
        Assert.Contains("compressed = \"zstd\"", File.ReadAllText(Path.Combine(directory, "sw-description")));
        Assert.Empty(Directory.GetDirectories(_scratch.Path, "*.partial"));
    }

    [Fact]
    public void OpenSSL_verifies_each_kind_of_signature()
    {
        var made = Sign("cms.swu", "--certificate", TestSigner.Certificate);
        ForeignTool.RunIn(made, "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "sw-description.sig",
            "-content", "sw-description", "-CAfile", TestSigner.Certificate, "-out", "/dev/null");

        made = Sign("pss.swu");
        ForeignTool.RunIn(made, "openssl", "dgst", "-sha256", "-verify", TestSigner.PublicKey, "-sigopt", "rsa_padding_mode:pss",
            "-sigopt", "rsa_pss_saltlen:-2", "-signature", "sw-description.sig", "sw-description");

        made = Sign("pkcs1.swu", "--pkcs1");
        ForeignTool.RunIn(made, "openssl", "dgst", "-sha256", "-verify", TestSigner.PublicKey, "-signature", "sw-description.sig", "sw-description");
    }

    private string Sign(string name, params string[] options)
    {
        var (code, error) = Run(["image", "swu", _directory, _scratch.File(name), "--key", TestSigner.Key, "--board", "pc", .. options]);
        Assert.True(code == 0, error);
        return Unpack(_scratch.File(name));
    }

    private static (int Code, string Error) Run(params string[] arguments)
    {
        var error = new StringWriter();
        return (CommandTree.Run(arguments, new Wiring(), new StringWriter(), error), error.ToString());
    }

    [Fact]
    public void What_could_not_be_installed_is_not_made()
    {
        var output = _scratch.File("x.swu");
        var other = TestSigner.Make(TestSigner.Another("other-key.pem"), "other.pem", "others", "keyUsage=digitalSignature");

        Assert.Contains("a .swu file is signed", Run("image", "swu", _directory, output).Error);
        Assert.Contains("key", Run("image", "swu", _directory, output, "--key", TestSigner.Key, "--certificate", other).Error);
        Assert.Contains("'a b' cannot be a name", Run("image", "swu", _directory, output, "--unsigned", "--board", "a b").Error);
        Assert.Contains("both slots", Run("image", "swu", _directory, output, "--unsigned", "--select", "stable,x,x").Error);
        File.WriteAllBytes(Path.Combine(_directory, "boot.img"), new byte[_release.Boot.Length]);
        Assert.Contains("its manifest says", Run("image", "swu", _directory, output, "--unsigned").Error);

        Assert.False(File.Exists(output));
    }
}
