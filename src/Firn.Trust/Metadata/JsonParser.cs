using System.Collections.Immutable;
using System.Text.Json;

namespace Firn.Trust.Metadata;

/// <summary>Strict: no comments, no duplicate names, no fractions, no text that is not Unicode, nothing after the end.</summary>
internal static class JsonParser
{
    private const int MaximumDepth = 32;

    /// <exception cref="InvalidDataException">Not JSON that TUF can sign.</exception>
    public static JsonValue Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaximumDepth });
        try
        {
            reader.Read();
            var value = ReadValue(ref reader);
            reader.Read();    // throws if more follows
            return value;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"not JSON: {error.Message}", error);
        }
    }

    /// <exception cref="InvalidDataException">Not an object, or as <see cref="Parse"/> says.</exception>
    public static JsonObject ParseObject(ReadOnlySpan<byte> utf8) =>
        Parse(utf8) as JsonObject ?? throw new InvalidDataException("not a JSON object");

    private static JsonValue ReadValue(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadObject(ref reader),
        JsonTokenType.StartArray => ReadList(ref reader),
        JsonTokenType.String => new JsonValue.Text(ReadText(ref reader)),
        JsonTokenType.Number => new JsonValue.Integer(ReadInteger(ref reader)),
        JsonTokenType.True => new JsonValue.Boolean(true),
        JsonTokenType.False => new JsonValue.Boolean(false),
        _ => new JsonValue.Null(),
    };

    private static JsonObject ReadObject(ref Utf8JsonReader reader)
    {
        var members = new List<JsonMember>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = ReadText(ref reader);
            reader.Read();
            members.Add(new(name, ReadValue(ref reader)));
        }
        return JsonObject.Of(members);
    }

    private static JsonValue.List ReadList(ref Utf8JsonReader reader)
    {
        var items = ImmutableArray.CreateBuilder<JsonValue>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) items.Add(ReadValue(ref reader));
        return new(items.ToImmutable());
    }

    private static string ReadText(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidDataException($"text at byte {reader.TokenStartIndex} is not Unicode", error);
        }
    }

    private static long ReadInteger(ref Utf8JsonReader reader) => reader.TryGetInt64(out var number)
        ? number
        : throw new InvalidDataException($"number at byte {reader.TokenStartIndex} is not a whole number of 64 bits");
}
