using System.Text;
using Firn.Swu.Descriptions;
using Firn.Tests.Formats;

namespace Firn.Tests.Swu.Descriptions;

public sealed class DescriptionReaderTests
{
    private const string Libconfig = """
        # how people write it
        software =
        {
            version = "1.0";  // the newest
            description : "one " "text"   /* of
                                             two */
            hardware-compatibility: [ "1.0", "#RE:^1\\.[0-9]+$" ];
            reboot = FALSE,
            size = 0x10; large = 5000000000L; negative = -3
            empty = (); none = {};
            stable = { copy-1: { images: ( { filename = "a"; }, { filename = "b" } ); }; };
        };
        """;

    private const string Json = """
        { "software": { "version": "1.0", "description": "one text", "hardware-compatibility": [ "1.0", "#RE:^1\\.[0-9]+$" ],
          "reboot": false, "size": 16, "large": 5000000000, "negative": -3, "empty": [], "none": {},
          "stable": { "copy-1": { "images": [ { "filename": "\u0061" }, { "filename": "b" } ] } } } }
        """;

    private static Setting Read(string text) => DescriptionReader.Read(Encoding.UTF8.GetBytes(text));

    private static string Show(Setting setting) => setting switch
    {
        { Members: { } members } => $"{{{string.Join(",", members.Select(one => $"{one.Key}={Show(one.Value)}"))}}}",
        { Items: { } items } => $"({string.Join(",", items.Select(Show))})",
        _ => setting.Text is { } text ? $"'{text}'" : $"{setting.Number}{setting.Boolean}",
    };

    [Fact]
    public void Libconfig_and_JSON_say_the_same()
    {
        Assert.Equal(
            "{software={version='1.0',description='one text',hardware-compatibility=('1.0','#RE:^1\\.[0-9]+$'),reboot=False,size=16,large=5000000000,"
            + "negative=-3,empty=(),none={},stable={copy-1={images=({filename='a'},{filename='b'})}}}}", Show(Read(Libconfig)));
        Assert.Equal(Show(Read(Libconfig)), Show(Read(Json)));
    }

    [Theory]
    [InlineData("a = 1; a = 2;", "'a' stands here twice")]
    [InlineData("a = [ 1, 2, ];", "expected a value")]
    [InlineData("a = ( 1, );", "expected a value")]
    [InlineData("a = [ (1) ];", "plain values only")]
    [InlineData("a = 1.5;", "'1.5' is not a value")]
    [InlineData("a = 99999999999999999999;", "is not a value")]
    [InlineData("a = 0xffffffffffffffff;", "is not a value")]
    [InlineData("@include \"/etc/shadow\"", "expected a name")]
    [InlineData("a = \"x", "expected the end of a text")]
    [InlineData("a = \"\\q\";", "another letter")]
    [InlineData("a = \"\\x00\";", "not zero")]
    [InlineData("a /* b", "end of a comment")]
    [InlineData("a = { b = 1;", "expected a name")]
    [InlineData("\n\na", "sw-description:3: expected '=' or ':'")]
    [InlineData("{ \"a\": 1, }", "expected a name")]
    [InlineData("{ \"a\": 1 \"b\": 2 }", "expected ','")]
    [InlineData("{ \"a\" = 1 }", "expected ':'")]
    [InlineData("{ a: 1 }", "quotes")]
    [InlineData("{ \"a\": null }", "is not a value")]
    [InlineData("{ \"a\": 1 } x", "expected its end")]
    public void What_is_wrong_is_said_with_its_line(string text, string problem) =>
        Assert.Contains(problem, Assert.Throws<InvalidDataException>(() => Read(text)).Message);

    [Fact]
    public void Depth_size_and_bytes_have_limits()
    {
        Assert.Contains("nested", Assert.Throws<InvalidDataException>(() => Read("a = " + new string('(', 100_000))).Message);
        Assert.Contains("nested", Assert.Throws<InvalidDataException>(() => Read("{\"a\":" + new string('[', 100_000))).Message);
        Assert.Contains("at most", Assert.Throws<InvalidDataException>(() => Read(new string(' ', DescriptionReader.MaximumBytes + 1))).Message);
        Assert.Contains("UTF-8", Assert.Throws<InvalidDataException>(() => DescriptionReader.Read([0x61, 0xff])).Message);
        Assert.Contains("zero", Assert.Throws<InvalidDataException>(() => Read("a = \"\0\";")).Message);
    }

    [Fact]
    public void Damage_is_a_value_or_an_error()
    {
        foreach (var text in new[] { Libconfig, Json })
        {
            Damage.IsSurvived(Encoding.UTF8.GetBytes(text), bytes => DescriptionReader.Read(bytes));
            Damage.TruncationIsSurvived(Encoding.UTF8.GetBytes(text), bytes => DescriptionReader.Read(bytes));
        }
    }
}
