using System.Globalization;

namespace Firn.Cli.Rendering;

/// <summary>Quantities as people read them.</summary>
internal static class Amount
{
    /// <summary>e.g. <c>181.5 MB</c>: decimal units, as disks and networks are sold.</summary>
    public static string OfBytes(long bytes) => bytes switch
    {
        < 1000 => $"{bytes} B",
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB"),
    };

    /// <summary>e.g. <c>0.4 s</c>, <c>12 s</c>, <c>3:05 min</c>.</summary>
    public static string OfTime(TimeSpan time) => time switch
    {
        { TotalSeconds: < 10 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalSeconds: < 60 } => $"{(int)time.TotalSeconds} s",
        _ => $"{(int)time.TotalMinutes}:{time.Seconds:00} min",
    };
}
