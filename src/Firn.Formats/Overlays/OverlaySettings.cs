using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Firn.Formats.Overlays;

/// <summary>What a machine does when no source has an overlay that it may take.</summary>
public enum OverlayFailure
{
    /// <summary>Goes on with the last good one, or without.</summary>
    [JsonStringEnumMemberName("last-good")] LastGood,

    /// <summary>Goes on with none.</summary>
    [JsonStringEnumMemberName("without")] Without,

    /// <summary>Goes on with the last good one while sources are only away; else, stops in the rescue system.</summary>
    [JsonStringEnumMemberName("rescue")] Rescue,
}

/// <summary>What the recipe says of overlays: <c>overlays.json</c> in an image, which no overlay can change.</summary>
/// <param name="Sources">As written, in the order in which they are asked.</param>
/// <param name="Keys">Public keys of minisign (<c>RW…</c>), any of which may have signed.</param>
/// <param name="Secrets">Label of the volume with the machine's name and key; null for none.</param>
/// <param name="WaitSeconds">How long a source may take to appear.</param>
public sealed record OverlaySettings(
    ImmutableArray<string> Sources, ImmutableArray<string> Keys, bool AllowsUnsigned,
    [property: JsonConverter(typeof(JsonStringEnumConverter<OverlayFailure>))] OverlayFailure OnFailure,
    string? Secrets, int WaitSeconds)
{
    /// <summary>In an image.</summary>
    public const string SettingsPath = "usr/lib/firn/overlays.json";

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, OverlayJson.Default.OverlaySettings);

    /// <param name="fileName">For messages.</param>
    /// <exception cref="InvalidDataException">Not settings.</exception>
    public static OverlaySettings Read(ReadOnlySpan<byte> json, string fileName)
    {
        try
        {
            var settings = JsonSerializer.Deserialize(json, OverlayJson.Default.OverlaySettings);
            return settings is { Sources.IsDefault: false, Keys.IsDefault: false } ? settings : throw new InvalidDataException($"{fileName}: sources and keys are missing");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{fileName}: {error.Message}", error);
        }
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(OverlaySettings))]
internal sealed partial class OverlayJson : JsonSerializerContext;
