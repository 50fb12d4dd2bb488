using Firn.Formats.Agents;
using FsCheck;
using FsCheck.Fluent;

namespace Firn.Tests.Formats.Agents;

public sealed class WeeklyWindowTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Theory]
    [InlineData("sat 02:00-05:00", "2026-11-18T12:00Z", "2026-11-21T01:00Z", "2026-11-21T04:00Z")]
    [InlineData("sat 02:00-05:00", "2026-11-21T03:59Z", "2026-11-21T01:00Z", "2026-11-21T04:00Z")]
    [InlineData("sat 02:00-05:00", "2026-11-21T04:00Z", "2026-11-28T01:00Z", "2026-11-28T04:00Z")]
    [InlineData("mon-fri 22:00-04:00", "2026-11-21T02:59Z", "2026-11-20T21:00Z", "2026-11-21T03:00Z")]
    [InlineData("fri-mon 23:00-24:00", "2026-11-22T22:30Z", "2026-11-22T22:00Z", "2026-11-22T23:00Z")]
    [InlineData("daily 02:10-02:50", "2026-03-28T12:00Z", "2026-03-30T00:10Z", "2026-03-30T00:50Z")]     // skipped on the 29th
    [InlineData("daily 01:30-02:30", "2026-03-28T12:00Z", "2026-03-29T00:30Z", "2026-03-29T01:00Z")]     // half of it is
    [InlineData("daily 02:00-03:00", "2026-10-24T12:00Z", "2026-10-25T00:00Z", "2026-10-25T02:00Z")]     // comes twice: two hours
    public void A_window_opens_and_closes_by_the_clocks_of_its_zone(string text, string now, string from, string until)
    {
        Assert.True(WeeklyWindow.TryParse(text, out var window));
        var opening = window.Next(DateTimeOffset.Parse(now, null), Berlin);
        Assert.Equal((DateTimeOffset.Parse(from, null), DateTimeOffset.Parse(until, null)), (opening.From.ToUniversalTime(), opening.Until.ToUniversalTime()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("sat")]
    [InlineData("someday 02:00-05:00")]
    [InlineData("sat 2:00-5:00")]
    [InlineData("sat 02:00-02:00")]
    [InlineData("sat 24:00-05:00")]
    [InlineData("sat 02:60-05:00")]
    [InlineData("sat 02:00-24:01")]
    [InlineData("sat-sun-mon 02:00-05:00")]
    public void What_is_no_window_is_none(string text) => Assert.False(WeeklyWindow.TryParse(text, out _));

    [Fact]
    public void Openings_are_never_over_and_lie_within_eight_days()
    {
        var start = DateTimeOffset.Parse("2026-01-01T00:00Z", null);
        Prop.ForAll(
            ArbMap.Default.ArbFor<NonNegativeInt>(), ArbMap.Default.ArbFor<PositiveInt>(), ArbMap.Default.ArbFor<NonNegativeInt>(),
            (minutes, days, begin) =>
            {
                var from = begin.Get % 1440;
                var window = new WeeklyWindow(days.Get % 127 + 1, from, (from + 90) % 1440);
                var now = start.AddMinutes(minutes.Get * 37L % (366 * 1440));
                var opening = window.Next(now, Berlin);
                return opening.Until > now && opening.From < opening.Until && opening.From < now.AddDays(8.1);
            }).QuickCheckThrowOnFailure();
    }
}
