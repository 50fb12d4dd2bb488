using System.Globalization;

namespace Firn.Formats.Agents;

/// <summary>Times as people write them: <c>90s</c>, <c>5m</c>, <c>1h</c>, <c>7d</c>.</summary>
public static class Duration
{
    private const int DaySeconds = 24 * 3600;
    private const int MaximumSeconds = 3650 * DaySeconds;

    public static bool TryParse(string text, out TimeSpan time)
    {
        time = default;
        var factor = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => DaySeconds, _ => 0 };
        if (factor == 0 || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number > MaximumSeconds / factor) return false;
        time = TimeSpan.FromSeconds(number * factor);
        return true;
    }

    /// <summary>The two largest parts: <c>3d 4h</c>, <c>5m 2s</c>, <c>350ms</c>.</summary>
    public static string Text(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => $"{time.Milliseconds}ms",
        { TotalMinutes: < 1 } => $"{time.Seconds}s",
        { TotalHours: < 1 } => $"{time.Minutes}m {time.Seconds}s",
        { TotalDays: < 1 } => $"{time.Hours}h {time.Minutes}m",
        _ => $"{time.Days}d {time.Hours}h",
    };
}
