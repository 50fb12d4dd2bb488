using System.Text;
using Firn.Formats.Releases;

namespace Firn.Tests.Formats.Releases;

public sealed class RepositorySettingsTests
{
    [Theory]
    [InlineData("""{"urls":[],"channel":"stable"}""", "at least one")]
    [InlineData("""{"urls":["ftp://a"],"channel":"stable"}""", "'ftp://a' is no http")]
    [InlineData("""{"urls":["https://a"],"channel":"a/b"}""", "'a/b' is no name")]
    [InlineData("""{"urls":["https://a"],"channel":"stable","proxy":"x"}""", "proxy 'x'")]
    [InlineData("null", "null")]
    [InlineData("", "JSON")]
    public void What_is_wrong_is_named(string json, string expected)
    {
        var error = Assert.Throws<InvalidDataException>(() => RepositorySettings.Read(Encoding.UTF8.GetBytes(json), "r.json"));
        Assert.StartsWith("r.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Damage_is_survived() => Damage.IsSurvived(
        new RepositorySettings(["https://a.example/x"], "stable", "http://p:1").ToJson(), bytes => RepositorySettings.Read(bytes, "r.json"));
}
