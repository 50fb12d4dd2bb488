using System.Text;
using Firn.Formats.Trees;

namespace Firn.Tests.Formats.Tar;

public sealed class TarReaderTests
{
    [Fact]
    public void Devices_keep_their_numbers()
    {
        var archive = new TarBuilder().Device("dev/null", '3', 1, 3).Device("dev/vda", '4', 254, 16).Build();

        var tree = TarBytes.Read(archive);

        Assert.Equal((FileKind.CharacterDevice, new DeviceNumber(1, 3)), (tree.Find("dev/null")!.Kind, tree.Find("dev/null")!.Device));
        Assert.Equal((FileKind.BlockDevice, new DeviceNumber(254, 16)), (tree.Find("dev/vda")!.Kind, tree.Find("dev/vda")!.Device));
    }

    [Fact]
    public void Records_for_one_member_win_over_those_for_all_and_end_with_it()
    {
        var archive = new TarBuilder()
            .Pax('g', "uid=7", "SCHILY.xattr.user.a=all")
            .Pax('x', "uid=8", "path=renamed", "SCHILY.xattr.user.a=one", "SCHILY.xattr.user.b=\0\n=")
            .File("first", "1").File("second", "2").Build();

        var tree = TarBytes.Read(archive);

        Assert.Equal(8u, tree.Find("renamed")!.Uid);
        Assert.Equal(["one", "\0\n="], tree.Find("renamed")!.Attributes.Select(attribute => Encoding.Latin1.GetString(attribute.Value.AsSpan())));
        Assert.Equal(7u, tree.Find("second")!.Uid);
        Assert.Equal("all"u8, Assert.Single(tree.Find("second")!.Attributes).Value.AsSpan());
    }

    [Fact]
    public void Attributes_of_libarchive_are_decoded()
    {
        var archive = new TarBuilder().Pax('x', "LIBARCHIVE.xattr.user.a%3Db=AP8K").File("file", "").Build();

        var attribute = Assert.Single(TarBytes.Read(archive).Find("file")!.Attributes);

        Assert.Equal("user.a=b", attribute.Name.ToString());
        Assert.Equal([0x00, 0xff, 0x0a], attribute.Value);
    }

    [Theory]
    [InlineData("12.999", 12)]
    [InlineData("-1.25", -2)]
    [InlineData("-1", -1)]
    public void Fractions_of_a_second_are_rounded_down(string mtime, long seconds)
    {
        var archive = new TarBuilder().Pax('x', $"mtime={mtime}").File("file", "").Build();

        Assert.Equal(seconds, TarBytes.Read(archive).Find("file")!.ModifiedSeconds);
    }

    [Fact]
    public void Absolute_names_and_links_stay_within_the_tree()
    {
        var archive = new TarBuilder()
            .File("/etc/passwd", "root")
            .Symlink("lib", "/usr/lib").Directory("usr/lib").File("lib/libc.so", "c")
            .Symlink("out", "../../../../escape").File("out/file", "x")
            .Build();

        var tree = TarBytes.Read(archive);

        Assert.Equal("root"u8, tree.Find("etc/passwd")!.Content.ReadAll());
        Assert.Equal("c"u8, tree.Find("usr/lib/libc.so")!.Content.ReadAll());
        Assert.Equal("x"u8, tree.Find("escape/file")!.Content.ReadAll());
    }

    [Fact]
    public void A_directory_that_comes_again_keeps_what_is_in_it()
    {
        var archive = new TarBuilder().Directory("etc").File("etc/motd", "hi").Directory("etc", 0x1c0).Build();

        var tree = TarBytes.Read(archive);

        Assert.Equal(0x1c0u, tree.Find("etc")!.Mode);
        Assert.NotNull(tree.Find("etc/motd"));
    }

    public static TheoryData<string, byte[]> Hostile => new()
    {
        { "'..'", new TarBuilder().File("a/../../etc/passwd", "x").Build() },
        { "not a directory", new TarBuilder().File("a", "x").File("a/b", "x").Build() },
        { "too many symbolic links", new TarBuilder().Symlink("a", "b").Symlink("b", "a").File("a/b", "x").Build() },
        { "not in the archive before it", new TarBuilder().HardLink("a", "b").Build() },
        { "hard link to the directory", new TarBuilder().Directory("d").HardLink("a", "d").Build() },
        { "NUL byte", new TarBuilder().Pax('x', "path=a\0b").File("file", "").Build() },
        { "takes the place of the root", new TarBuilder().File(".", "").Build() },
        { "longer than 255 bytes", new TarBuilder().Pax('x', $"path={new string('n', 256)}").File("f", "").Build() },
        { "has a name of 4096 bytes", new TarBuilder().Pax('x', $"path={new string('/', 4096)}").File("f", "").Build() },
        { "symbolic link with a target of 0 bytes", new TarBuilder().Symlink("a", "").Build() },
        { "Linux cannot have", new TarBuilder().Device("d", '3', 4096, 0).Build() },
        { "truncated", new TarBuilder().Member('0', "file", "x", size: 0x7fffffff).Build() },
        { "impossible size", new TarBuilder().Member('L', "file", "x", size: 0x7fffffff).Build() },
        { "truncated", new TarBuilder().File("file", "x").Build()[..1024] },
        { "length does not match", new TarBuilder().Member('x', "pax", "99 path=x\n").File("f", "").Build() },
        { "length does not match", new TarBuilder().Member('x', "pax", "1 \n").File("f", "").Build() },
        { "without a key", new TarBuilder().Member('x', "pax", "5 =a\n").File("f", "").Build() },
        { "uid 4294967295", new TarBuilder().Pax('x', "uid=4294967295").File("f", "").Build() },
        { "negative size", new TarBuilder().Pax('x', "size=-1").File("f", "").Build() },
        { "at most 1099511627776", new TarBuilder().Pax('x', "GNU.sparse.size=9223372036854775", "GNU.sparse.map=0,1").File("f", "x").Build() },
        { "not in order", new TarBuilder().Pax('x', "GNU.sparse.size=10", "GNU.sparse.map=5,1,2,1").File("f", "xy").Build() },
        { "not in order", new TarBuilder().Pax('x', "GNU.sparse.size=10", "GNU.sparse.map=9,2").File("f", "xy").Build() },
        { "sparse map of 1 bytes", new TarBuilder().Pax('x', "GNU.sparse.size=10", "GNU.sparse.map=0,1").File("f", "xy").Build() },
        { "does not fit its data", new TarBuilder().Pax('x', "GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=9").File("f", "1\n").Build() },
        { "another volume", new TarBuilder().Member('M', "f").Build() },
        { "unknown type 0x21", new TarBuilder().Member('!', "f").Build() },
        { "where the member of an extension header", new TarBuilder().Member('L', "long", "name").Build() },
        { "not a tar archive", [.. "this is not an archive but a text"u8, .. new byte[2048]] },
        { "truncated", [] },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_archives_are_refused_with_a_reason(string reason, byte[] archive)
    {
        var error = Assert.Throws<InvalidDataException>(() => TarBytes.Read(archive));

        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public void Trees_deeper_than_paths_can_name_are_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("d/", 1500));
        var archive = new TarBuilder().Pax('x', $"path={deep}").Directory("x").Pax('x', $"linkpath={deep}").Symlink("s", "")
            .Pax('x', $"path=s/{deep}").Directory("x").Build();

        Assert.Contains("2048 directories deep", Assert.Throws<InvalidDataException>(() => TarBytes.Read(archive)).Message);
    }

    [Fact]
    public void A_sparse_file_of_the_archive_reads_as_zeros_between_its_segments()
    {
        var archive = new TarBuilder().Pax('x', "GNU.sparse.size=12", "GNU.sparse.map=2,2,6,3").File("f", "abCDE").Build();

        var content = TarBytes.Read(archive).Find("f")!.Content;

        Assert.Equal("\0\0ab\0\0CDE\0\0\0"u8, content.ReadAll());
        for (var from = 0; from <= 12; from++)
            for (var to = from; to <= 12; to++)
            {
                var part = new byte[to - from];
                content.Read(from, part);
                Assert.Equal(content.ReadAll()[from..to], part);
            }
        Assert.Equal([2, 2, 2, 3, 6, 6, 6, 7, 8, 12, 12, 12, 12], Enumerable.Range(0, 13).Select(at => content.NextData(at)));
    }
}
