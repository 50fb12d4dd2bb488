using System.Globalization;

namespace Firn.Trust.Metadata;

/// <summary>Reads the members of an object by name, says which one is wrong, and keeps those nobody asked for.</summary>
/// <param name="members">The object.</param>
/// <param name="where">What to call it in messages; empty for the outermost.</param>
internal sealed class JsonFields(JsonObject members, string where)
{
    private readonly HashSet<string> _known = [];

    public string Path(string name) => where.Length == 0 ? name : $"{where}.{name}";

    public string Text(string name) => OptionalText(name) ?? throw Missing(name);
    public string? OptionalText(string name) => Find<JsonValue.Text>(name, "a text")?.Value;

    public long Integer(string name) => OptionalInteger(name) ?? throw Missing(name);
    public long? OptionalInteger(string name) => Find<JsonValue.Integer>(name, "a whole number")?.Value;

    public bool? OptionalBoolean(string name) => Find<JsonValue.Boolean>(name, "true or false")?.Value;

    public JsonObject Object(string name) => OptionalObject(name) ?? throw Missing(name);
    public JsonObject? OptionalObject(string name) => Find<JsonObject>(name, "an object");

    public JsonValue.List List(string name) => OptionalList(name) ?? throw Missing(name);
    public JsonValue.List? OptionalList(string name) => Find<JsonValue.List>(name, "a list");

    public long IntegerFrom(string name, long minimum, long maximum = long.MaxValue) => Integer(name) is var number
        && number >= minimum && number <= maximum
        ? number
        : throw new InvalidDataException($"{Path(name)} is {number.ToString(CultureInfo.InvariantCulture)}, expected "
            + (maximum == long.MaxValue ? $"{minimum} or more" : $"{minimum} to {maximum}"));

    public IEnumerable<string> Texts(string name) => TextsOf(List(name), name);

    public IEnumerable<string>? OptionalTexts(string name) => OptionalList(name) is { } list ? TextsOf(list, name) : null;

    /// <summary>Members that were not asked for.</summary>
    public JsonObject Unknown() =>
        _known.Count >= members.Count && members.All(IsKnown) ? JsonObject.Empty : JsonObject.Of(members.Where(member => !IsKnown(member)));

    private bool IsKnown(JsonMember member) => _known.Contains(member.Name);

    private IEnumerable<string> TextsOf(JsonValue.List list, string name) => list.Items.Select(item =>
        item is JsonValue.Text text ? text.Value : throw new InvalidDataException($"{Path(name)} must hold texts only"));

    private T? Find<T>(string name, string kind) where T : JsonValue
    {
        _known.Add(name);
        return members[name] switch
        {
            null => null,
            T value => value,
            _ => throw new InvalidDataException($"{Path(name)} must be {kind}"),
        };
    }

    private InvalidDataException Missing(string name) => new($"{Path(name)} is missing");
}
