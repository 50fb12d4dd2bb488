using System.Collections;

namespace Firn.Trust.Metadata;

public readonly record struct JsonMember(string Name, JsonValue Value);

/// <summary>An object of JSON. Its members are in canonical order, whatever order they were written in.</summary>
public sealed record JsonObject : JsonValue, IReadOnlyList<JsonMember>
{
    private static readonly Comparison<JsonMember> ByName = (left, right) => CompareNames(left.Name, right.Name);

    private readonly JsonMember[] _members;

    private JsonObject(JsonMember[] members) => _members = members;

    public static JsonObject Empty { get; } = new([]);

    /// <exception cref="InvalidDataException">Two members have the same name.</exception>
    public static JsonObject Of(IEnumerable<JsonMember> members)
    {
        var sorted = members.ToArray();
        Array.Sort(sorted, ByName);
        for (var i = 1; i < sorted.Length; i++)
            if (sorted[i].Name == sorted[i - 1].Name)
                throw new InvalidDataException($"'{sorted[i].Name}' is there twice in one JSON object");
        return sorted.Length == 0 ? Empty : new(sorted);
    }

    public int Count => _members.Length;
    public JsonMember this[int index] => _members[index];

    /// <summary>The value of a member; null if there is none.</summary>
    public JsonValue? this[string name]
    {
        get
        {
            var index = Array.BinarySearch(_members, new(name, null!), Comparer<JsonMember>.Create(ByName));
            return index >= 0 ? _members[index].Value : null;
        }
    }

    /// <summary>With a member added or replaced; without it if <paramref name="value"/> is null.</summary>
    public JsonObject With(string name, JsonValue? value)
    {
        var others = _members.Where(member => member.Name != name);
        return Of(value is null ? others : others.Append(new(name, value)));
    }

    /// <summary>By Unicode code point, which UTF-16 units are not ordered by: surrogates come last.</summary>
    internal static int CompareNames(string left, string right)
    {
        var common = Math.Min(left.Length, right.Length);
        for (var i = 0; i < common; i++)
        {
            if (left[i] == right[i]) continue;
            var isLeftBeyond = char.IsSurrogate(left[i]);
            return isLeftBeyond != char.IsSurrogate(right[i]) ? (isLeftBeyond ? 1 : -1) : left[i] - right[i];
        }
        return left.Length - right.Length;
    }

    public bool Equals(JsonObject? other) => other is not null && _members.AsSpan().SequenceEqual(other._members);
    public override int GetHashCode() => _members.Length;

    public IEnumerator<JsonMember> GetEnumerator() => _members.AsEnumerable().GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => _members.GetEnumerator();
}
