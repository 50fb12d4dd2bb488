using Firn.Images.Scenarios;

namespace Firn.Tests.Images.Scenarios;

public sealed class ScenarioVariablesTests
{
    private static readonly Dictionary<string, string> Values = new() { ["version"] = "1.5", ["_x9"] = "a (b)" };

    [Theory]
    [InlineData("v${version}!", "v1.5!")]
    [InlineData("${version}${_x9}", "1.5a (b)")]
    [InlineData("$${version} ${x:-y} $HOME ${ a} $", "${version} ${x:-y} $HOME ${ a} $")]
    public void A_reference_stands_for_the_value(string text, string expected) => Assert.Equal(expected, ScenarioVariables.Expand(text, Values));

    [Fact]
    public void In_a_pattern_the_value_stands_for_itself() =>
        Assert.Equal(@"^v1\.5 a\ \(b\)$", ScenarioVariables.ExpandPattern("^v${version} ${_x9}$", Values));

    [Fact]
    public void What_is_not_known_yet_stays_for_people_to_read() =>
        Assert.Equal("1.5 ${later} $${x}", ScenarioVariables.ExpandKnown("${version} ${later} $${x}", Values));

    [Theory]
    [InlineData("a", true)]
    [InlineData("_a9", true)]
    [InlineData("9a", false)]
    [InlineData("a-b", false)]
    [InlineData("", false)]
    [InlineData("a\n", false)]
    public void Names_can_be_environment_variables(string name, bool isName) => Assert.Equal(isName, ScenarioVariables.IsName(name));
}
