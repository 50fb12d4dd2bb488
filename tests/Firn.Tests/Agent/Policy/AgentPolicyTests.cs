using Firn.Agent.Policy;
using Firn.Formats.Agents;
using Firn.Formats.Overlays;

namespace Firn.Tests.Agent.Policy;

public sealed class AgentPolicyTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 18, 12, 0, 0, TimeSpan.Zero);    // a Wednesday
    private static readonly AgentMemory Checked = new(NextCheck: Now.AddHours(1), LastCheck: Now, Seen: "2", SeenSince: Now);
    private static readonly AgentFacts Offered = new(Now, "1", Offer: new("2", null));

    [Fact]
    public void A_release_that_is_offered_is_installed_and_then_booted()
    {
        Assert.Equal(new AgentStep.Check(), Next(new(), "", new(Now, "1")));
        Assert.Equal(new AgentStep.Install("2"), Next(Checked, "", Offered));
        Assert.Equal(new AgentStep.Reboot("2"), Next(Checked, "", Offered with { Pending = "2" }));
        Assert.Equal(Wait(Checked.NextCheck!.Value, "there is nothing to install"), Next(Checked, "", new(Now, "2", Offer: new(null, null))));
    }

    [Fact]
    public void A_system_on_trial_is_left_alone() =>
        Assert.Equal("the running system is on trial", Why(new(), "", new(Now, "2", IsConfirmed: false)));

    [Theory]
    [InlineData("delay=2d", "2 is taken on 2026-11-20 12:00Z, 2 d after it was seen")]
    [InlineData("reach=check", "2 can be installed by hand")]
    [InlineData("window=sat 02:00-05:00\ninstall=window", "2 waits for the window that opens on 2026-11-21 02:00Z")]
    public void What_holds_an_installation_back_is_said(string settings, string why) => Assert.Equal(why, Why(Checked, settings, Offered));

    [Fact]
    public void People_hold_back_pin_and_are_asked_after_a_failed_trial()
    {
        Assert.Equal("held: exhibition", Why(Checked with { Hold = new("exhibition", null) }, "", Offered));
        Assert.Equal("held: exhibition", Why(Checked with { Hold = new("exhibition", Now.AddMinutes(1)) }, "", Offered with { Pending = "2" }));
        Assert.IsType<AgentStep.Install>(Next(Checked with { Hold = new("exhibition", Now) }, "", Offered));
        Assert.Equal("pinned to 3, 2 is not taken", Why(Checked with { Pin = "3" }, "", Offered));
        Assert.IsType<AgentStep.Install>(Next(Checked with { Pin = "2" }, "", Offered));
        Assert.Contains("2 failed its trial (sshd is failed)", Why(Checked, "", Offered with { FailedTrials = 1, WhyFailed = "sshd is failed" }));
        Assert.IsType<AgentStep.Install>(Next(Checked, "attempts=2", Offered with { FailedTrials = 1 }));
        Assert.Contains("costs nothing", Why(Checked, "", Offered with { IsMetered = true }));
    }

    [Fact]
    public void What_is_remembered_of_a_later_time_puts_nothing_off_and_hides_no_failure()
    {
        var later = Now.AddDays(30);
        var settings = Settings("poll=1h");

        Assert.Equal(
            new(LastCheck: later, Seen: "2", SeenSince: Now, RetryFrom: Now),
            AgentPolicy.WithoutFuture(new(later, later, NotBefore: later, Seen: "2", SeenSince: later, RetryFrom: later), settings, Now));
        Assert.Equal(Checked, AgentPolicy.WithoutFuture(Checked, settings, Now));
    }

    [Fact]
    public void A_connection_that_costs_money_is_used_as_far_as_the_settings_say()
    {
        var (metered, downloaded) = (Offered with { IsMetered = true }, Checked with { Downloaded = "2" });
        Assert.Equal("2 waits for a connection that costs nothing", Why(Checked, "metered.reach=check", metered));
        Assert.Equal(new AgentStep.Install("2"), Next(Checked, "metered.reach=install", metered));

        Assert.Equal(new AgentStep.Install("2", IsDownloadOnly: true), Next(Checked, "metered.reach=download", metered));
        Assert.Equal("2 is downloaded and waits for a connection that costs nothing", Why(downloaded, "metered.reach=download", metered));
        Assert.Equal(new AgentStep.Install("3", IsDownloadOnly: true), Next(downloaded, "metered.reach=download", metered with { Offer = new("3", null) }));
        Assert.Equal(new AgentStep.Install("2"), Next(downloaded, "metered.reach=download", Offered));
        Assert.Equal("2 waits for the window that opens on 2026-11-21 02:00Z",
            Why(downloaded, "metered.reach=download\nwindow=sat 02:00-05:00", metered with { Pending = "2" }));
    }

    [Fact]
    public void An_agent_that_only_downloads_leaves_the_rest_to_a_person()
    {
        Assert.Equal(new AgentStep.Install("2", IsDownloadOnly: true), Next(Checked, "reach=download", Offered));
        Assert.Equal("2 is downloaded; 'firn update install' tries it", Why(Checked with { Downloaded = "2" }, "reach=download", Offered));
        Assert.Equal("2 can be installed by hand", Why(Checked, "reach=check\nmetered.reach=install", Offered with { IsMetered = true }));
    }

    [Theory]
    [InlineData("reboot=never", false, null, "2 is installed and waits for a restart by hand")]
    [InlineData("reboot=signal", false, null, "2 is installed and waits for /run/firn/reboot-allowed")]
    [InlineData("reboot=signal", true, null, null)]
    [InlineData("reboot=immediate", false, "/run/backup.lock", "2 is installed; /run/backup.lock is locked against a restart")]
    [InlineData("window=sat 02:00-05:00", false, null, "2 waits for the window that opens on 2026-11-21 02:00Z")]
    [InlineData("window=wed 11:00-13:00", false, null, null)]
    [InlineData("window=wed 11:00-13:00\nreboot=immediate", false, "/x", "2 is installed; /x is locked against a restart")]
    public void A_restart_comes_when_its_strategy_lets_it(string settings, bool isSignalled, string? held, string? why)
    {
        var facts = Offered with { Pending = "2", IsSignalled = isSignalled, HeldLock = held };
        if (why is null) Assert.Equal(new AgentStep.Reboot("2"), Next(Checked, settings, facts));
        else Assert.Equal(why, Why(Checked, settings, facts));
    }

    [Fact]
    public void What_was_revoked_or_overtaken_after_it_was_installed_is_not_booted()
    {
        Assert.Equal("2 is installed, but was paused or revoked since", Why(Checked, "", Offered with { Pending = "2", Offer = new(null, null) }));
        Assert.Equal(new AgentStep.Install("3"), Next(Checked, "", Offered with { Pending = "2", Offer = new("3", null) }));
        Assert.Equal(new AgentStep.Reboot("2"), Next(Checked, "", Offered with { Pending = "2", Offer = null }));
    }

    [Fact]
    public void Checks_are_spread_and_come_with_a_turn_and_seldom_after_failures()
    {
        var settings = Settings("poll=4h\njitter=50");
        Assert.Equal(Now.AddHours(2), AgentPolicy.Checked(new(), settings, new(null, null), Now, 0).NextCheck);
        Assert.Equal(Now.AddHours(4), AgentPolicy.Checked(new(), settings, new(null, null), Now, 0.5).NextCheck);
        Assert.Equal(Now.AddMinutes(5), AgentPolicy.Checked(new(), settings, new(null, Now.AddMinutes(5)), Now, 0.5).NextCheck);

        var memory = new AgentMemory();
        List<double> minutes = [];
        for (var i = 0; i < 10; i++)
        {
            memory = AgentPolicy.Failed(memory, settings, wasInstall: false, Now, 0.5);
            minutes.Add((memory.NextCheck!.Value - Now).TotalMinutes);
        }
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 240, 240], minutes);
    }

    [Fact]
    public void The_delay_of_a_release_counts_from_when_it_was_seen_first()
    {
        var settings = Settings("delay=2d");
        var first = AgentPolicy.Checked(new(), settings, new("2", null), Now, 0.5);
        var second = AgentPolicy.Checked(first, settings, new("2", null), Now.AddDays(1), 0.5);
        Assert.Equal(Now, second.SeenSince);
        Assert.Equal(Now.AddDays(2), AgentPolicy.Checked(second, settings, new("3", null), Now.AddDays(2), 0.5).SeenSince);
    }

    [Fact]
    public void Nothing_ever_waits_past_the_next_check() =>
        Assert.Equal(Checked.NextCheck, Assert.IsType<AgentStep.Wait>(Next(Checked with { Hold = new("x", null) }, "", Offered)).Until);

    private static AgentStep.Wait Wait(DateTimeOffset until, string why) => new(until, why);
    private static AgentSettings Settings(string text) => AgentSettings.Read(NamedValues.Parse(text, "agent.conf"), "agent.conf");
    private static AgentStep Next(AgentMemory memory, string settings, AgentFacts facts) => AgentPolicy.Next(memory, Settings(settings), facts);
    private static string Why(AgentMemory memory, string settings, AgentFacts facts) => Assert.IsType<AgentStep.Wait>(Next(memory, settings, facts)).Why;
}
