using Firn.Formats.Overlays;

namespace Firn.Tests.Formats.Overlays;

public sealed class FavorsTests
{
    private static readonly NamedValues Machine = NamedValues.Parse("""
        mac=52:54:00:12:34:56
        mac=52:54:00:12:34:57
        uuid=a1b2c3d4-0000-4000-8000-00000000000a
        volume=ABCD-1234
        kernel=Linux
        release=6.1.0-50-cloud-amd64
        hostname=web-7
        arch=x86_64
        arch=amd64
        serial=S/N 99
        virt=qemu
        role=frontend
        """, "machine.facts");

    [Theory]
    [InlineData("")]
    [InlineData("52:54:00:12:34:56")]
    [InlineData("52-54-00-12-34-56")]
    [InlineData("525400123457")]
    [InlineData("52:54:00:*")]
    [InlineData("A1B2C3D4-0000-4000-8000-00000000000A")]
    [InlineData("abcd-1234")]
    [InlineData("Linux-6.1.0-50-cloud-amd64")]
    [InlineData("linux-6.1.*")]
    [InlineData("web-7")]
    [InlineData("web-?-amd64-qemu")]
    [InlineData("a1b2c3d4-0000-4000-8000-00000000000a-52-54-00-12-34-57-linux")]
    [InlineData("role=front*")]
    [InlineData("hostname=web-*-release=6.1.*-ROLE=frontend")]
    [InlineData("serial=S/N ??")]
    public void A_layer_whose_favors_all_hold_is_for_the_machine(string favors) => Assert.True(Favors.Hold(favors, Machine));

    [Theory]
    [InlineData("52:54:00:12:34:58")]
    [InlineData("Linux-52:54:00:12:34:58")]
    [InlineData("Linux-6.2.*")]
    [InlineData("frontend")]    // not a fact that may be given without its name
    [InlineData("mac=web-7")]
    [InlineData("role=back")]
    [InlineData("colour=blue")]
    [InlineData("linux-")]
    [InlineData("-linux")]
    [InlineData("linux--web-7")]
    [InlineData("web")]
    [InlineData("we")]
    public void One_that_does_not_hold_keeps_it_away(string favors) => Assert.False(Favors.Hold(favors, Machine));

    [Fact]
    public void A_name_that_is_made_to_take_long_does_not()
    {
        var begun = DateTime.UtcNow;
        Assert.False(Favors.Hold(string.Join('-', Enumerable.Repeat("*?*?*", 40)) + "-!", Machine));
        Assert.True(DateTime.UtcNow - begun < TimeSpan.FromSeconds(5));
    }
}
