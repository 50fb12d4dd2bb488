using System.Text.Json.Serialization;
using Firn.Formats.Boot;
using Firn.Machine.Boot;

namespace Firn.Machine.Updates;

public enum HistoryEvent
{
    [JsonStringEnumMemberName("installed")] Installed,
    [JsonStringEnumMemberName("confirmed")] Confirmed,

    /// <summary>A trial ended without being confirmed.</summary>
    [JsonStringEnumMemberName("failed")] Failed,

    /// <summary>Someone went back to the slot by hand, or gave up a trial.</summary>
    [JsonStringEnumMemberName("rolled-back")] RolledBack,
}

/// <summary>Something that happened to a slot of this machine.</summary>
/// <param name="Time">When, by this machine's clock.</param>
/// <param name="Event">What.</param>
/// <param name="Slot">To which slot.</param>
/// <param name="Version">Of the release in it, where that could be read.</param>
/// <param name="Reason">Why, for a person.</param>
public sealed record HistoryEntry(
    DateTimeOffset Time,
    [property: JsonConverter(typeof(JsonStringEnumConverter<HistoryEvent>))] HistoryEvent Event,
    [property: JsonConverter(typeof(SlotJsonConverter))] Slot Slot,
    string? Version,
    string? Reason);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(HistoryEntry))]
internal sealed partial class HistoryJson : JsonSerializerContext;
