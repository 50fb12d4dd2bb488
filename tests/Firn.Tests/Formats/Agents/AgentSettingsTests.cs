using Firn.Formats.Agents;
using Firn.Formats.Overlays;

namespace Firn.Tests.Formats.Agents;

public sealed class AgentSettingsTests
{
    [Fact]
    public void Settings_are_read_and_what_is_not_said_has_a_default()
    {
        var settings = Read("poll=6h\nwindow=sat 02:00-05:00\nwindow=sun 02:00-05:00\ntimezone=Europe/Berlin\ndelay=2d\ncheck=disk /data 100M\ncheck=time\nmetrics=9101\n");

        Assert.Equal((TimeSpan.FromHours(6), 25, 2, RebootStrategy.Window), (settings.Poll, settings.JitterPercent, settings.Windows.Length, settings.Reboot));
        Assert.Equal(("Europe/Berlin", TimeSpan.FromDays(2), 9101), (settings.TimeZone.Id, settings.Delay, settings.MetricsPort));
        Assert.Equal([new("disk", ["/data", "100M"]), new("time", [])], settings.Checks);
        Assert.Equal((TimeSpan.FromHours(1), RebootStrategy.Immediate, ConfirmStrategy.Health), (Read("").Poll, Read("").Reboot, Read("").Confirm));
    }

    [Theory]
    [InlineData("pol=1h", "unknown setting 'pol'")]
    [InlineData("poll=1s", "poll cannot be '1s'; expected a time of at least 5s")]
    [InlineData("poll=soon", "poll cannot be 'soon'")]
    [InlineData("jitter=101", "a number from 0 to 100")]
    [InlineData("reboot=maybe", "one of immediate, window, signal, never")]
    [InlineData("reboot=window", "there is none; expected window=")]
    [InlineData("install=window", "there is none; expected window=")]
    [InlineData("window=tonight", "window cannot be 'tonight'")]
    [InlineData("timezone=Mars/Olympus", "a zone such as")]
    [InlineData("metered=true", "a path that begins with /")]
    [InlineData("check=http ftp://x", "check cannot be 'http ftp://x'")]
    [InlineData("check=disk /data lots", "check cannot be")]
    [InlineData("check=tcp nowhere", "check cannot be")]
    [InlineData("check=container podman a b", "check cannot be")]
    [InlineData("metrics=0", "a number from 1 to 65535")]
    [InlineData("web=0", "web cannot be '0'; expected a port such as 8080")]
    [InlineData("web=65536", "web cannot be '65536'")]
    [InlineData("web=127.0.0.1", "web cannot be '127.0.0.1'")]
    [InlineData("web=localhost:8080", "web cannot be 'localhost:8080'")]
    [InlineData("web=::1", "web cannot be '::1'")]
    public void What_is_wrong_is_named(string line, string problem) =>
        Assert.Contains(problem, Assert.Throws<InvalidDataException>(() => Read(line)).Message);

    [Theory]
    [InlineData("web=8080", "[::]:8080")]
    [InlineData("web=127.0.0.1:80", "127.0.0.1:80")]
    [InlineData("web=[::1]:8443", "[::1]:8443")]
    [InlineData("web=off", null)]
    [InlineData("", null)]
    public void The_page_is_where_it_was_asked_for(string line, string? expected) => Assert.Equal(expected, Read(line).Web?.ToString());

    private static AgentSettings Read(string text) => AgentSettings.Read(NamedValues.Parse(text, "agent.conf"), "agent.conf");
}
