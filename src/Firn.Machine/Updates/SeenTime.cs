using System.Globalization;
using Firn.Linux.Files;

namespace Firn.Machine.Updates;

/// <summary>
/// A clock that never goes back behind the last check that found everything in time. A machine without a battery begins in
/// 1970, and a clock that somebody set back would make expired metadata good again. A clock that was too far ahead does no
/// lasting harm: what is remembered was within the life of a timestamp then, and the next timestamps live longer.
/// </summary>
/// <param name="file">Keeps the time; what cannot be read counts as none.</param>
/// <param name="clock">Of the machine.</param>
public sealed class SeenTime(string file, TimeProvider clock) : TimeProvider
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>Flash wears out: times closer to each other are not told apart.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromHours(1);

    private readonly DateTimeOffset _seen = Read(file);

    /// <summary>Null if the machine's clock is not behind.</summary>
    public string? Problem => clock.GetUtcNow() is var now && now >= _seen ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"the clock of this machine says {now.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, and it was {_seen.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z before: ")
        + "judged by the later one";

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() is var now && now > _seen ? now : _seen;

    /// <summary>For the checks to come.</summary>
    public void Remember()
    {
        if (clock.GetUtcNow() is var now && now - _seen >= Step) DurableFile.Replace(file, now.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture));
    }

    private static DateTimeOffset Read(string file) => File.Exists(file) && DateTimeOffset.TryParseExact(
        File.ReadAllText(file), Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : DateTimeOffset.MinValue;
}
