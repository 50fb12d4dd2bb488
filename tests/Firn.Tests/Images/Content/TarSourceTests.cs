using Firn.Images.Building;
using Firn.Images.Content;
using Firn.Tests.Formats;
using Firn.Tests.Formats.Tar;

namespace Firn.Tests.Images.Content;

public sealed class TarSourceTests
{
    private static readonly byte[] Archive = new TarBuilder().Directory("etc").File("etc/motd", new string('x', 300_000)).File("b", "y").Build();

    [Theory]
    [InlineData("cp t.tar other")]
    [InlineData("gzip -c t.tar > other")]
    [InlineData("{ head -c 100000 t.tar | gzip; tail -c +100001 t.tar | gzip; } > other")]
    [InlineData("zstd -q t.tar -o other")]
    [InlineData("xz -c t.tar > other")]
    public void An_archive_is_the_same_however_it_is_compressed(string compress)
    {
        using var scratch = new ScratchDirectory();
        scratch.Write("t.tar", Archive);
        Shell.Run(compress, scratch.Path);
        using var spool = new SpoolArea(scratch.File("work"));

        var tree = TarSource.Load(scratch.File("other"), spool, _ => { });

        Assert.Equal(TreeListing.Of(TarBytes.Read(Archive)), TreeListing.Of(tree));
    }

    [Theory]
    [InlineData("gzip -c t.tar | head -c 300 > other")]
    [InlineData("zstd -q -c t.tar | head -c 50 > other")]
    [InlineData("xz -c t.tar | head -c 200 > other")]
    [InlineData("head -c 100000 t.tar > other")]
    [InlineData("printf 'this is no archive' > other")]
    [InlineData(": > other")]
    public void A_damaged_archive_is_named(string damage)
    {
        using var scratch = new ScratchDirectory();
        scratch.Write("t.tar", Archive);
        Shell.Run(damage, scratch.Path);
        using var spool = new SpoolArea(scratch.File("work"));

        var error = Assert.Throws<InvalidDataException>(() => TarSource.Load(scratch.File("other"), spool, _ => { }));

        Assert.StartsWith($"{scratch.File("other")}: ", error.Message);
    }

    [Fact]
    public void What_is_temporary_has_no_name_so_that_a_killed_build_leaves_nothing()
    {
        using var scratch = new ScratchDirectory();
        scratch.Write("t.tar", Archive);
        Shell.Run("gzip t.tar", scratch.Path);

        using (var spool = new SpoolArea(scratch.File("work")))
        {
            var tree = TarSource.Load(scratch.File("t.tar.gz"), spool, _ => { });

            Assert.Empty(Directory.GetFiles(scratch.File("work")));
            Assert.All(tree.Walk(), entry => Assert.Equal(entry.Node.Content.SizeBytes, entry.Node.Content.ReadAll().Length));
        }
    }

    [Fact]
    public void A_program_that_is_not_installed_is_named_with_its_package() =>
        Assert.Equal("no-such-program is not installed; install the package no-such-package",
            Assert.Throws<ToolException>(() => new BuildProgram("no-such-program", "no-such-package").Run([])).Message);

    [Fact]
    public void A_program_that_fails_shows_the_last_it_wrote()
    {
        var error = Assert.Throws<ToolException>(() => new BuildProgram("sh", "dash").Run(["-c", "{ seq 100; echo why; } >&2; exit 3"]));

        Assert.Contains("exit code 3", error.Message);
        Assert.Contains("why", error.Message);
        Assert.DoesNotContain("\n70\n", error.Message);
    }
}
