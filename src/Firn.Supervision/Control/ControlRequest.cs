using System.Text.Json;
using Firn.Supervision.Units;

namespace Firn.Supervision.Control;

/// <summary>One command to a manager: a line of JSON on its socket, or a line of words in its FIFO.</summary>
/// <param name="Properties"><c>KEY=value</c>.</param>
public sealed record ControlRequest(string Verb, IReadOnlyList<string> Units, IReadOnlyList<string> Properties, bool Blocks = true, bool Subscribes = false)
{
    public const int LongestLine = 64 << 10, LongestInputLine = 4096, MostUnits = 20_000;

    /// <exception cref="InvalidDataException">It is no request.</exception>
    public static ControlRequest ParseJson(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new() { MaxDepth = 4 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("verb", out var verb) || verb.ValueKind != JsonValueKind.String)
                throw new InvalidDataException("a request needs a verb");
            return new(verb.GetString()!, Strings(root, "units"), Strings(root, "properties"), Flag(root, "block", true), Flag(root, "subscribe", false));
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"a request must be JSON: {error.Message}", error);
        }
    }

    /// <summary><c>VERB UNIT [K=V…]</c>, with quotes as in a shell.</summary>
    /// <exception cref="InvalidDataException">It is no command.</exception>
    public static ControlRequest ParseWords(string line)
    {
        if (CommandWords.Split(line) is not { Length: > 0 } words) throw new InvalidDataException("a quote is not closed");
        var units = new List<string>();
        var properties = new List<string>();
        for (var i = 1; i < words.Length; i++)
            if (i > 1 && words[i].Contains('=', StringComparison.Ordinal)) properties.Add(words[i]);
            else units.Add(words[i]);
        return new(words[0], units, properties, Blocks: false);
    }

    public string ToWords()
    {
        var words = new List<string> { Verb };
        words.AddRange(Units);
        words.AddRange(Properties);
        return CommandWords.Join(words);
    }

    public byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("verb", Verb);
            Write(json, "units", Units);
            Write(json, "properties", Properties);
            json.WriteBoolean("block", Blocks);
            if (Subscribes) json.WriteBoolean("subscribe", true);
            json.WriteEndObject();
        }
        return [.. buffer.ToArray(), (byte)'\n'];
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        if (values.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static List<string> Strings(JsonElement root, string name)
    {
        var values = new List<string>();
        if (!root.TryGetProperty(name, out var array)) return values;
        if (array.ValueKind != JsonValueKind.Array) throw new InvalidDataException($"{name} must be a list");
        foreach (var item in array.EnumerateArray())
            if (item.ValueKind != JsonValueKind.String) throw new InvalidDataException($"{name} must be a list of texts");
            else if (values.Count >= MostUnits) throw new InvalidDataException($"{name} has more than {MostUnits} items");
            else values.Add(item.GetString()!);
        return values;
    }

    private static bool Flag(JsonElement root, string name, bool fallback) =>
        !root.TryGetProperty(name, out var value) ? fallback
            : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
            : throw new InvalidDataException($"{name} must be true or false");
}
