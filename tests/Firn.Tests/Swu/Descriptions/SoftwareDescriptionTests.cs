using System.Text;
using Firn.Swu.Descriptions;
using Firn.Tests.Formats;

namespace Firn.Tests.Swu.Descriptions;

public sealed class SoftwareDescriptionTests
{
    private static readonly string Hash = new('a', 64);

    private static SoftwareDescription Read(string software, string board = "pc") =>
        SoftwareDescription.Read(Encoding.UTF8.GetBytes($"software = {{ version = \"1\"; {software} }};"), board);

    private static string Image(string name) => $"images: ( {{ filename = \"{name}\"; device = \"/dev/x\"; sha256 = \"{Hash}\"; }} );";

    private static string? Chosen(SoftwareDescription description, string? selection) => description.Collect(selection).Artefacts.SingleOrDefault()?.FileName;

    [Fact]
    public void The_most_particular_entry_counts()
    {
        var description = Read($"{Image("all")} pc = {{ {Image("board")} stable = {{ one = {{ {Image("both")} }}; }}; }}; stable = {{ one = {{ {Image("selection")} }}; two = {{ {Image("other")} }}; }};");

        Assert.Equal("both", Chosen(description, "stable,one"));
        Assert.Equal("other", Chosen(description, "stable,two"));
        Assert.Equal("board", Chosen(description, null));
        Assert.Equal(["stable,one", "stable,two"], description.Selections());
        Assert.Equal("all", Chosen(Read($"{Image("all")} other = {{ {Image("board")} }};"), null));
    }

    [Fact]
    public void Links_lead_to_groups_beside()
    {
        var description = Read($"stable = {{ one = {{ {Image("linked")} }}; two = {{ ref = \"#./one\"; }}; three = {{ ref = \"#./../common\"; }}; }}; common = {{ {Image("common")} }};");

        Assert.Equal("linked", Chosen(description, "stable,two"));
        Assert.Equal("common", Chosen(description, "stable,three"));
        foreach (var link in new[] { "#./one", "#./../../../x", "elsewhere", "#./two/three/four" })
            Assert.Throws<InvalidDataException>(() => Chosen(Read($"stable = {{ one = {{ ref = \"{link}\"; }}; two = {{ ref = \"#./one\"; }}; }};"), "stable,one") is null ? throw new InvalidDataException() : 0);
    }

    [Theory]
    [InlineData("images: ( { filename = \"x\"; device = \"/dev/x\"; } );", "sha256 is missing")]
    [InlineData("images: ( { filename = \"x\"; device = \"/dev/x\"; sha256 = \"HASH\"; wings = 2; } );", "'wings' is not understood")]
    [InlineData("images: ( { filename = \"x\"; device = \"/dev/x\"; sha256 = \"HASH\"; type = \"ubivol\"; } );", "no handler for type 'ubivol'")]
    [InlineData("images: ( { filename = \"x\"; volume = \"v\"; sha256 = \"HASH\"; } );", "'volume' is not understood")]
    [InlineData("images: ( { filename = \"x\"; device = \"/dev/x\"; sha256 = \"HASH\"; encrypted = true; } );", "encrypted is not done")]
    [InlineData("images: ( { filename = \"x\"; device = \"/dev/x\"; sha256 = \"HASH\"; compressed = \"xz\"; } );", "compression 'xz'")]
    [InlineData("images: ( { filename = \"x\"; device = \"/dev/x\"; sha256 = \"HASH\"; offset = \"9999999999G\"; } );", "is not a size")]
    [InlineData("images: ( { filename = \"x\"; device = \"x\"; sha256 = \"HASH\"; } );", "is not a path")]
    [InlineData("images: ( { filename = \"x\"; device = \"/dev/x\"; sha256 = \"HASH\"; install-if-different = true; } );", "install-if-different is not done")]
    [InlineData("images: ( { ref = \"#./x\"; } );", "refs of single entries")]
    [InlineData("images: { filename = \"x\"; };", "is a group, expected a list")]
    [InlineData("files: ( { filename = \"x\"; path = \"/a/../etc/x\"; sha256 = \"HASH\"; } );", "is not an absolute one")]
    [InlineData("files: ( { filename = \"x\"; path = \"/x\"; device = \"/dev/x\"; filesystem = \"ext4\"; sha256 = \"HASH\"; } );", "'filesystem' is not understood")]
    [InlineData("scripts: ( { filename = \"x\"; sha256 = \"HASH\"; } );", "no handler for type 'lua'")]
    [InlineData("partitions: ( { type = \"diskpart\"; } );", "partition tables")]
    [InlineData("bootenv: ( { value = \"x\"; } );", "without a name")]
    [InlineData("bootenv: ( { name = \"x\"; value = 1; } );", "not text")]
    public void What_is_not_done_is_named(string software, string problem) =>
        Assert.Contains(Read(software.Replace("HASH", Hash)).Collect(null).Problems, one => one.Contains(problem));

    [Fact]
    public void Every_damaged_description_is_collected_or_refused()
    {
        var text = Encoding.UTF8.GetBytes($"software = {{ version = \"1\"; pc = {{ hardware-compatibility: [ \"1.0\" ]; }}; stable = {{ one = {{ {Image("x")} bootenv: ( {{ name = \"a\"; value = \"b\"; }} ); }}; two = {{ ref = \"#./one\"; }}; }}; }};");

        Damage.IsSurvived(text, bytes =>
        {
            var description = SoftwareDescription.Read(bytes, "pc");
            foreach (var selection in description.Selections()) description.Collect(selection);
            description.Revisions("stable,two");
        });
    }
}
