using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Firn.Agent.Rescue;

/// <param name="Key">Of what was tried.</param>
/// <param name="Words">The same for people.</param>
/// <param name="Count">How often.</param>
/// <param name="Last">When it was begun last.</param>
/// <param name="NotBefore">When it may be tried again.</param>
/// <param name="Problem">Why it did not help; null while that is only known from its trial having brought the machine back here.</param>
public sealed record RescueAttempt(string Key, string Words, int Count, DateTimeOffset Last, DateTimeOffset NotBefore, string? Problem);

/// <summary>What the rescue system has tried, from boot to boot. A value; kept before each attempt, so that one that ends the machine counts.</summary>
public sealed record RescueMemory(ImmutableArray<RescueAttempt> Attempts)
{
    /// <summary>Before something is tried a second time; doubled each time after that.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(10), LongestPause = TimeSpan.FromDays(1);

    /// <summary>Drives come and go; nobody asks for the oldest of so many.</summary>
    private const int MaximumAttempts = 50, MaximumDoublings = 10;

    public static RescueMemory None { get; } = new([]);

    public RescueAttempt? Find(string key) => Attempts.FirstOrDefault(attempt => attempt.Key == key);

    /// <summary>A time that lies further ahead than any pause is that of a clock that was set back since.</summary>
    public bool IsDue(string key, DateTimeOffset now) =>
        Find(key) is not { } attempt || attempt.NotBefore <= now || attempt.NotBefore > now + 2 * LongestPause;

    /// <param name="random">From 0 to below 1: a fleet that lost its power together does not come back together.</param>
    public RescueMemory Begun(string key, string words, DateTimeOffset now, double random)
    {
        var count = (Find(key)?.Count ?? 0) + 1;
        var pause = FirstPause * (1 << Math.Min(count - 1, MaximumDoublings));
        if (pause > LongestPause) pause = LongestPause;
        return With(new(key, words, count, now, now + pause * (0.75 + random / 2), null));
    }

    public RescueMemory Failed(string key, string problem) => Find(key) is { } attempt ? With(attempt with { Problem = problem }) : this;

    /// <summary>What was tried before the machine was well again has nothing to do with why it is here now.</summary>
    public RescueMemory Since(DateTimeOffset? lastConfirmed) => this with { Attempts = [.. Attempts.Where(attempt => !(attempt.Last < lastConfirmed))] };

    private RescueMemory With(RescueAttempt attempt) =>
        new([.. Attempts.Where(one => one.Key != attempt.Key).TakeLast(MaximumAttempts - 1), attempt]);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RescueJson.Default.RescueMemory);

    /// <summary>A memory that cannot be read is as good as none.</summary>
    public static RescueMemory Read(string path)
    {
        try
        {
            return File.Exists(path) && JsonSerializer.Deserialize(File.ReadAllBytes(path), RescueJson.Default.RescueMemory) is { Attempts.IsDefault: false } memory ? memory : None;
        }
        catch (JsonException)
        {
            return None;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RescueMemory))]
[JsonSerializable(typeof(Machine.Updates.RescueReport))]
internal sealed partial class RescueJson : JsonSerializerContext;
