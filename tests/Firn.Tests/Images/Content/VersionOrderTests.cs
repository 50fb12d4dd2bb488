using Firn.Images.Content;

namespace Firn.Tests.Images.Content;

public sealed class VersionOrderTests
{
    [Theory]
    [InlineData("6.1.0-9-amd64", "6.1.0-50-amd64")]
    [InlineData("5.10", "6.1")]
    [InlineData("6.1.0-50", "6.1.0-50-amd64")]
    [InlineData("6.01", "6.2")]
    public void Numbers_count_as_numbers(string older, string newer)
    {
        Assert.True(VersionOrder.Instance.Compare(older, newer) < 0);
        Assert.True(VersionOrder.Instance.Compare(newer, older) > 0);
        Assert.Equal(0, VersionOrder.Instance.Compare(older, older));
    }
}
