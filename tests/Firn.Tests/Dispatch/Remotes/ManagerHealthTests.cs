using System.Text.Json;
using Firn.Dispatch.Remotes;

namespace Firn.Tests.Dispatch.Remotes;

public sealed class ManagerHealthTests
{
    [Theory]
    [InlineData("""{"unit":"web","state":"RUNNING","goal":"up"}""", "", "")]
    [InlineData("""{"unit":"setup","state":"STOPPED","goal":"up"}""", "", "")]
    [InlineData("""{"unit":"gps@1","state":"STOPPED","goal":"down"}""", "", "")]
    [InlineData("""{"unit":"web","state":"STARTING","goal":"up"}""", "", "web (STARTING)")]
    [InlineData("""{"unit":"web","state":"FAIL","goal":"up","reason":"exit"}""", "", "web (FAIL: exit)")]
    [InlineData("""{"unit":"web","state":"STOPPED","goal":"up","failed":true,"notice":"no such file"}""", "web: no such file", "")]
    [InlineData("""{"unit":"web","state":"FATAL","goal":"down"}""", "web", "")]
    [InlineData("""{"unit":"me","state":"STARTING","goal":"up"}""", "", "")]
    public void What_should_run_and_does_not_is_named(string line, string failed, string pending)
    {
        var health = new ManagerHealth("me");

        health.Add(JsonDocument.Parse(line).RootElement);

        Assert.Equal((failed, pending), (string.Join('|', health.Failed), string.Join('|', health.Pending)));
    }
}
