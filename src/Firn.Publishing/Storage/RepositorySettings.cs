using System.Collections.Immutable;
using System.Globalization;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Storage;

/// <summary>How a repository is looked after: the file <c>firn-repo.json</c>, which is never published.</summary>
public sealed record RepositorySettings
{
    public const int CurrentFormat = 1;

    /// <summary>What a delegated role is given if it is not named itself.</summary>
    public const string AnyChannel = "channel";

    private static readonly ImmutableSortedDictionary<string, TimeSpan> DefaultLifetimes = new Dictionary<string, TimeSpan>
    {
        [RoleNames.Root] = TimeSpan.FromDays(365),
        [RoleNames.Targets] = TimeSpan.FromDays(90),
        [AnyChannel] = TimeSpan.FromDays(90),
        [RoleNames.Snapshot] = TimeSpan.FromDays(30),
        [RoleNames.Timestamp] = TimeSpan.FromDays(7),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>For how long a role's metadata is to be believed, in whole hours, by role.</summary>
    public ImmutableSortedDictionary<string, TimeSpan> Lifetimes { get; init; } = DefaultLifetimes;

    /// <summary>Where <c>firn repo publish</c> copies to when it is not told.</summary>
    public string? PublishTo { get; init; }

    public TimeSpan LifetimeOf(string role) =>
        Lifetimes.TryGetValue(role, out var own) ? own : Lifetimes.GetValueOrDefault(AnyChannel, DefaultLifetimes[AnyChannel]);

    public byte[] ToBytes() => new JsonBuilder
    {
        { "format", CurrentFormat },
        { "lifetimeHours", JsonObject.Of(Lifetimes.Select(entry => new JsonMember(entry.Key, (long)entry.Value.TotalHours))) },
        { "publishTo", PublishTo is { } place ? place : (JsonValue?)null },
    }.Build().ToFileBytes();

    /// <exception cref="InvalidDataException">Not settings that this version of Firn understands.</exception>
    public static RepositorySettings Read(ReadOnlySpan<byte> bytes)
    {
        var fields = new JsonFields(JsonParser.ParseObject(bytes), "");
        var format = fields.Integer("format");
        if (format != CurrentFormat)
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture, $"format is {format}, this firn understands {CurrentFormat}"));
        var hours = new JsonFields(fields.Object("lifetimeHours"), "lifetimeHours");
        var own = fields.Object("lifetimeHours").Select(member => KeyValuePair.Create(
            member.Name, TimeSpan.FromHours(hours.IntegerFrom(member.Name, 1, 24 * 3650))));
        return new() { Lifetimes = DefaultLifetimes.SetItems(own), PublishTo = fields.OptionalText("publishTo") };
    }
}
