using Firn.Cli.Rendering;

namespace Firn.Tests.Cli;

public sealed class AmountTests
{
    [Theory]
    [InlineData(999, "999 B")]
    [InlineData(1_500, "1.5 kB")]
    [InlineData(181_510_144, "181.5 MB")]
    [InlineData(4_290_000_000, "4.29 GB")]
    public void Bytes_are_given_in_decimal_units(long bytes, string text) => Assert.Equal(text, Amount.OfBytes(bytes));

    [Theory]
    [InlineData(0.42, "0.4 s")]
    [InlineData(12.9, "12 s")]
    [InlineData(185, "3:05 min")]
    public void Times_are_given_as_people_say_them(double seconds, string text) =>
        Assert.Equal(text, Amount.OfTime(TimeSpan.FromSeconds(seconds)));
}
