using System.Text.Json;
using System.Text.Json.Serialization;
using Firn.Formats.Boot;

namespace Firn.Machine.Boot;

/// <summary>Slots by the names people and boot loaders use: <c>a</c>, <c>b</c>, <c>rescue</c>.</summary>
public sealed class SlotJsonConverter : JsonConverter<Slot>
{
    public override Slot Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && SlotNames.TryParse(reader.GetString(), out var slot)
            ? slot
            : throw new JsonException("expected a, b or rescue");

    public override void Write(Utf8JsonWriter writer, Slot value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Name());
}
