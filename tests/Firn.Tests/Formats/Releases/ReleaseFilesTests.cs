using System.Collections.Immutable;
using System.Text;
using Firn.Formats.Releases;

namespace Firn.Tests.Formats.Releases;

public sealed class ReleaseFilesTests
{
    private static readonly ReleaseFile Index = ReleaseFile.Of("root.squashfs.idx", "index"u8, 3);

    private static readonly ReleaseManifest Valid = new(
        ReleaseManifest.CurrentFormat, "edge-box", "1.4.0", "x86-64",
        new("boot.img", 1 << 20, new string('a', 64)),
        new("root.squashfs", 5 << 20, new string('0', 64), Index, [new("1.3.0", new string('b', 64), ReleaseFile.Of("from-1.3.0.pack", "pack"u8, 4))]),
        new("firn 0.1.0", 1767225600, ImmutableSortedDictionary<string, string>.Empty));

    [Fact]
    public void Index_and_deltas_are_read_back_and_are_files_of_the_release()
    {
        var read = ReleaseManifest.Read(Valid.ToJson());

        Assert.Equal(Index, read.Root.Index);
        Assert.Equal(Valid.Root.Deltas!, read.Root.Deltas!);
        Assert.Equal(["boot.img", "from-1.3.0.pack", "root.squashfs", "root.squashfs.idx"], read.Files.Select(file => file.File).Order());
    }

    [Fact]
    public void A_manifest_without_them_is_as_it_was()
    {
        var json = Encoding.UTF8.GetString((Valid with { Root = Valid.Root with { Index = null, Deltas = null } }).ToJson());

        Assert.DoesNotContain("index", json);
        Assert.DoesNotContain("deltas", json);
        Assert.Null(ReleaseManifest.Read(Encoding.UTF8.GetBytes(json)).Root.Index);
    }

    [Theory]
    [InlineData("\"root.squashfs.idx\"", "\"../idx\"", "plain file name")]
    [InlineData("\"headBytes\": 3", "\"headBytes\": 6", "headBytes")]
    [InlineData("\"headBytes\": 3", "\"headBytes\": -3", "headBytes")]
    [InlineData("bbbbbbbb", "BBBBBBBB", "fromSha256")]
    public void A_field_that_cannot_be_is_named(string found, string replaced, string expected)
    {
        var json = Encoding.UTF8.GetString(Valid.ToJson()).Replace(found, replaced);

        var error = Assert.Throws<InvalidDataException>(() => ReleaseManifest.Read(Encoding.UTF8.GetBytes(json)));

        Assert.Contains(expected, error.Message);
    }
}
