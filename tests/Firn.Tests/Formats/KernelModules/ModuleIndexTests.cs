using System.Text;
using Firn.Formats.KernelModules;
using Firn.Formats.Trees;

namespace Firn.Tests.Formats.KernelModules;

public sealed class ModuleIndexTests
{
    private const string Dep = """
        kernel/fs/fat/vfat.ko.xz: kernel/fs/fat/fat.ko.xz
        kernel/fs/fat/fat.ko.xz:
        kernel/fs/nls/nls_ascii.ko.xz:
        kernel/fs/nls/nls_cp437.ko.xz:
        kernel/drivers/md/dm-verity.ko: kernel/drivers/md/dm-bufio.ko kernel/drivers/md/dm-mod.ko
        kernel/drivers/md/dm-bufio.ko: kernel/drivers/md/dm-mod.ko
        kernel/drivers/md/dm-mod.ko:
        kernel/arch/x86/crypto/crc32c-intel.ko.zst:
        kernel/fs/btrfs/btrfs.ko.gz:
        kernel/crypto/after.ko:

        """;
    private const string SoftDep = """
        # Soft dependencies extracted from modules themselves.
        softdep cifs gcm
        softdep btrfs pre: crypto-crc32c absent post: after
        """;
    private const string Alias = """
        # Aliases extracted from modules themselves.
        alias fs-vfat vfat
        alias crypto-crc32c crc32c_intel
        alias pci:v00008086d*sv*sd*bc01sc0[0-68]* dm_verity
        """;
    private const string BuiltIn = "kernel/fs/ext4/ext4.ko\nkernel/drivers/nvme/host/nvme-core.ko\n";
    private const string BuiltInInfo = "ext4.license=GPL\0ext4.alias=fs-ext4\0";

    private static readonly ModuleIndex Index = ModuleIndex.Parse(Dep, SoftDep, Alias, BuiltIn, BuiltInInfo);

    private static string[] Names(ModuleClosure closure) => [.. closure.Modules.Select(module => module.Name)];

    [Theory]
    [InlineData("vfat", "fat vfat")]
    [InlineData("dm-verity", "dm_bufio dm_mod dm_verity")]
    [InlineData("dm_verity", "dm_bufio dm_mod dm_verity")]
    [InlineData("fs-vfat", "fat vfat")]
    [InlineData("fs_vfat", "fat vfat")]
    [InlineData("btrfs", "crc32c_intel after btrfs")]
    [InlineData("nls_*", "nls_ascii nls_cp437")]
    [InlineData("pci:v00008086d00001234sv0sd0bc01sc06i01", "dm_bufio dm_mod dm_verity")]
    public void A_wanted_module_brings_what_it_needs(string wanted, string expected)
    {
        var closure = Index.Closure([wanted]);

        Assert.Equal(expected.Split(' '), Names(closure));
        Assert.Empty(closure.Missing);
        Assert.Empty(closure.BuiltIn);
    }

    [Fact]
    public void Built_in_and_missing_names_are_told_apart()
    {
        var closure = Index.Closure(["ext4", "nvme_core", "fs-ext4", "ahci", "usb_*", "vfat", "pci:v00008086d1sv0sd0bc01sc07"]);

        Assert.Equal(["ext4", "fs-ext4", "nvme_core"], closure.BuiltIn);
        Assert.Equal(["ahci", "pci:v00008086d1sv0sd0bc01sc07", "usb_*"], closure.Missing);
        Assert.Equal(["kernel/fs/fat/fat.ko.xz", "kernel/fs/fat/vfat.ko.xz"], closure.Modules.Select(module => module.Path));
    }

    [Fact]
    public void A_trimmed_index_is_text_that_reads_as_the_same_index()
    {
        var trimmed = Index.Only(Index.Closure(["btrfs", "dm-mod"]));

        Assert.Equal("""
            kernel/arch/x86/crypto/crc32c-intel.ko.zst:
            kernel/crypto/after.ko:
            kernel/drivers/md/dm-mod.ko:
            kernel/fs/btrfs/btrfs.ko.gz:

            """, trimmed.DepText());
        Assert.Equal("alias crypto-crc32c crc32c_intel\n", trimmed.AliasText());
        Assert.Equal("softdep btrfs pre: crypto-crc32c absent post: after\n", trimmed.SoftDepText());
        Assert.Equal(BuiltIn, trimmed.BuiltInText());

        var read = ModuleIndex.Parse(trimmed.DepText(), trimmed.SoftDepText(), trimmed.AliasText(), trimmed.BuiltInText());
        Assert.Equal(trimmed.DepText(), read.DepText());
        Assert.Equal(trimmed.Aliases, read.Aliases);
        Assert.Equal(["crc32c_intel", "after", "btrfs"], Names(read.Closure(["btrfs"])));
    }

    [Fact]
    public void An_index_is_read_from_the_directory_of_a_kernel()
    {
        var directory = new FileNode(FileKind.Directory);
        Assert.Contains("depmod", Assert.Throws<InvalidDataException>(() => ModuleIndex.Read(directory)).Message);

        directory.Children["modules.dep"] = new(FileKind.File) { Content = FileContent.Of(Dep) };
        directory.Children["modules.builtin"] = new(FileKind.File) { Content = FileContent.Of(BuiltIn) };

        Assert.Equal(["ext4"], ModuleIndex.Read(directory).Closure(["ext4"]).BuiltIn);
        Assert.Equal(10, ModuleIndex.Read(directory).Modules.Count());
    }

    [Theory]
    [InlineData("no colon\n", "modules.dep:1: expected")]
    [InlineData("a.ko:\na.ko:\n", "modules.dep:2: a.ko has a line already")]
    [InlineData("a.ko: b.ko\n", "modules.dep: a.ko needs b.ko")]
    [InlineData("../../etc/a.ko:\n", "not a path below")]
    [InlineData("/etc/a.ko:\n", "not a path below")]
    public void A_file_that_depmod_did_not_write_is_refused_with_its_line(string dep, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => ModuleIndex.Parse(dep)).Message);

    [Fact]
    public void The_other_files_are_checked_as_well()
    {
        Assert.Throws<InvalidDataException>(() => ModuleIndex.Parse("", softDep: "hard a b"));
        Assert.Throws<InvalidDataException>(() => ModuleIndex.Parse("", alias: "alias pattern"));
        Assert.Throws<InvalidDataException>(() => ModuleIndex.Parse("", builtIn: "../x.ko"));
    }

    [Theory]
    [InlineData("abc", "abc", true)]
    [InlineData("a-c", "a_c", true)]
    [InlineData("a*c", "abbbc", true)]
    [InlineData("a*c", "abbb", false)]
    [InlineData("*", "", true)]
    [InlineData("a?c", "ac", false)]
    [InlineData("[!a-c]x", "dx", true)]
    [InlineData("[!a-c]x", "bx", false)]
    [InlineData("[]-]x", "-x", true)]
    [InlineData("[a", "[a", true)]
    [InlineData("[", "a", false)]
    [InlineData("*a*a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    public void Patterns_match_as_modprobe_has_it(string pattern, string name, bool expected) =>
        Assert.Equal(expected, new ModuleGlob(pattern).Matches(name));

    [Fact]
    public void Damage_ends_in_an_index_or_an_error()
    {
        var files = new[] { Dep, SoftDep, Alias, BuiltIn, BuiltInInfo };
        var bytes = Encoding.UTF8.GetBytes(string.Join('\x1f', files));
        Damage.IsSurvived(bytes, damaged =>
        {
            var parts = Encoding.UTF8.GetString(damaged).Split('\x1f');
            string Part(int index) => index < parts.Length ? parts[index] : "";
            var index = ModuleIndex.Parse(Part(0), Part(1), Part(2), Part(3), Part(4));
            _ = index.Only(index.Closure(["btrfs", "dm-verity", "*"])).AliasText();
        });
    }
}
