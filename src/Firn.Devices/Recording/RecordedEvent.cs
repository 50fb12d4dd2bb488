using System.Collections.Immutable;
using System.Text.Json;
using Firn.Devices.Events;

namespace Firn.Devices.Recording;

/// <summary>An event and when it came. A recording is a text file with a line of JSON for each.</summary>
/// <param name="After">Since the recording began.</param>
/// <param name="Event">With all that was known of the device then, so that a recording needs no devices.</param>
public sealed record RecordedEvent(TimeSpan After, DeviceEvent Event)
{
    public const int LongestLine = 1 << 20, MostEvents = 1_000_000;

    public byte[] ToLine()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("ms", (long)After.TotalMilliseconds);
            json.WriteString("action", Event.Action);
            json.WriteString("devpath", Event.DevPath);
            json.WriteStartObject("properties");
            foreach (var (key, value) in Event.Properties) json.WriteString(key, value);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    /// <exception cref="InvalidDataException">It is no recorded event.</exception>
    public static RecordedEvent Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new() { MaxDepth = 4 });
            var root = document.RootElement;
            var properties = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            foreach (var property in root.GetProperty("properties").EnumerateObject())
                properties[PropertyList.CheckKey(property.Name)] = property.Value.GetString() ?? "";
            var ms = root.GetProperty("ms").GetInt64();
            if (ms is < 0 or > int.MaxValue) throw new InvalidDataException($"a time of {ms} ms");
            var change = new DeviceEvent(root.GetProperty("action").GetString() ?? "", root.GetProperty("devpath").GetString() ?? "", properties.ToImmutable());
            return new(TimeSpan.FromMilliseconds(ms), DeviceMessage.ParseKernel(DeviceMessage.Write(change)));    // checked like any other
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"this is no recorded event: {error.Message}", error);
        }
    }

    /// <summary>A whole recording, in the order of time.</summary>
    /// <exception cref="InvalidDataException">A line of it is wrong; the message says which.</exception>
    public static IReadOnlyList<RecordedEvent> ReadAll(TextReader reader, string name)
    {
        var events = new List<RecordedEvent>();
        for (var number = 1; reader.ReadLine() is { } line; number++)
            if (line.Length > LongestLine || events.Count >= MostEvents) throw new InvalidDataException($"{name}:{number}: longer than a recording can be");
            else if (line.Length > 0)
                try
                {
                    events.Add(Parse(line));
                }
                catch (InvalidDataException error)
                {
                    throw new InvalidDataException($"{name}:{number}: {error.Message}", error);
                }
        return [.. events.OrderBy(recorded => recorded.After)];
    }
}
