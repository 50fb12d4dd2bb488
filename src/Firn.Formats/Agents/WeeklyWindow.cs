using System.Globalization;

namespace Firn.Formats.Agents;

/// <summary>A window as it comes: when it opens and when it closes.</summary>
public sealed record WindowOpening(DateTimeOffset From, DateTimeOffset Until);

/// <summary>
/// Hours of certain days of the week, in the time of some place: <c>sat,sun 02:00-05:00</c>. One that closes before it opens
/// closes on the next day; its day is the one on which it opens.
/// </summary>
/// <param name="Days">Sunday is bit 0.</param>
/// <param name="FromMinute">Of the day.</param>
/// <param name="UntilMinute">Of the day; 1440 is its end.</param>
public sealed record WeeklyWindow(int Days, int FromMinute, int UntilMinute)
{
    public const string Expected = "days and hours such as 'sat,sun 02:00-05:00', 'mon-fri 22:00-04:00' or 'daily 01:30-03:00'";

    private const int DayMinutes = 24 * 60;
    private static readonly string[] DayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    public static bool TryParse(string text, out WeeklyWindow window)
    {
        window = new(0, 0, 0);
        if (text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var days, var hours]) return false;
        if (hours.Split('-') is not [var from, var until]) return false;
        window = new(ParseDays(days), ParseMinute(from), ParseMinute(until));
        return window is { Days: > 0, FromMinute: >= 0 and < DayMinutes, UntilMinute: >= 0 } && window.FromMinute != window.UntilMinute;
    }

    /// <summary>The one that is open, or the next one.</summary>
    public WindowOpening Next(DateTimeOffset now, TimeZoneInfo zone)
    {
        var today = TimeZoneInfo.ConvertTime(now, zone).Date;
        for (var day = -1; ; day++)
        {
            var date = today.AddDays(day);
            if ((Days & 1 << (int)date.DayOfWeek) == 0) continue;
            var closes = UntilMinute > FromMinute ? UntilMinute : UntilMinute + DayMinutes;
            var opening = new WindowOpening(At(date.AddMinutes(FromMinute), zone), At(date.AddMinutes(closes), zone));
            // clocks set forward may leave nothing of it
            if (opening.Until > now && opening.Until > opening.From) return opening;
        }
    }

    /// <summary>A time that clocks skip is the one they are set forward to; one that comes twice is the first.</summary>
    private static DateTimeOffset At(DateTime local, TimeZoneInfo zone)
    {
        var skipped = local;
        while (zone.IsInvalidTime(skipped)) skipped = skipped.AddMinutes(1);
        var offset = zone.IsAmbiguousTime(skipped) ? zone.GetAmbiguousTimeOffsets(skipped).Max() : zone.GetUtcOffset(skipped);
        return new(skipped, offset);
    }

    private static int ParseDays(string text)
    {
        if (text == "daily") return 0x7f;
        var days = 0;
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-');
            var (first, last) = (Array.IndexOf(DayNames, ends[0]), Array.IndexOf(DayNames, ends[^1]));
            if (first < 0 || last < 0 || ends.Length > 2) return 0;
            for (var day = first; ; day = (day + 1) % 7)
            {
                days |= 1 << day;
                if (day == last) break;
            }
        }
        return days;
    }

    /// <summary>-1 for what is none.</summary>
    private static int ParseMinute(string text) =>
        text is [_, _, ':', _, _] && int.TryParse(text[..2], NumberStyles.None, CultureInfo.InvariantCulture, out var hour)
            && int.TryParse(text[3..], NumberStyles.None, CultureInfo.InvariantCulture, out var minute) && minute < 60 && hour * 60 + minute <= DayMinutes
            ? hour * 60 + minute : -1;
}
