using System.Collections;

namespace Firn.Trust.Metadata;

/// <summary>Collects the members of an object. Values that are null are left out.</summary>
internal sealed class JsonBuilder : IEnumerable
{
    private readonly List<JsonMember> _members = [];

    public void Add(string name, JsonValue? value)
    {
        if (value is not null) _members.Add(new(name, value));
    }

    /// <summary>Fields that this version of Firn does not know, kept as they were read.</summary>
    public void Add(JsonObject unknown) => _members.AddRange(unknown);

    public JsonObject Build() => JsonObject.Of(_members);

    IEnumerator IEnumerable.GetEnumerator() => _members.GetEnumerator();
}
