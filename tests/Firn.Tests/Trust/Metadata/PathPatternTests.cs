using Firn.Trust.Metadata;

namespace Firn.Tests.Trust.Metadata;

public sealed class PathPatternTests
{
    [Theory]
    [InlineData("*", "a", true)]
    [InlineData("*", "a/b", false)]
    [InlineData("a/*", "a/b", true)]
    [InlineData("a/*", "a/b/c", false)]
    [InlineData("a/?.txt", "a/b.txt", true)]
    [InlineData("a/?.txt", "a/.txt", false)]
    [InlineData("*/*.TXT", "a/b.txt", false)]
    [InlineData("a*b*c", "axxbyyc", true)]
    [InlineData("a*b*c", "axxbyy", false)]
    [InlineData("**", "", true)]
    [InlineData("", "", true)]
    [InlineData("?", "", false)]
    public void Stars_and_question_marks_stay_within_a_directory(string pattern, string path, bool matches) =>
        Assert.Equal(matches, PathPattern.Matches(pattern, path));

    [Fact]
    public void No_pattern_takes_long()
    {
        var pattern = string.Concat(Enumerable.Repeat("*a", 200));
        Assert.False(PathPattern.Matches(pattern, new string('a', 5000) + "b"));
    }
}
