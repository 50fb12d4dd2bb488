using System.Collections.Immutable;
using System.Globalization;

namespace Firn.Trust.Metadata;

/// <summary>Who may sign for a role, and how many of them must.</summary>
/// <param name="KeyIds">Each once, in the order they were written.</param>
/// <param name="Threshold">From 1. It may be more than there are keys: then nothing is ever believed.</param>
/// <param name="Unknown">Fields that Firn does not know.</param>
public sealed record RoleKeys(ImmutableArray<string> KeyIds, int Threshold, JsonObject Unknown)
{
    public RoleKeys(IEnumerable<string> keyIds, int threshold) : this([.. keyIds], threshold, JsonObject.Empty) { }

    public JsonObject ToJson()
    {
        var members = new JsonBuilder();
        AddMembers(members);
        members.Add(Unknown);
        return members.Build();
    }

    internal void AddMembers(JsonBuilder members)
    {
        members.Add("keyids", new JsonValue.List([.. KeyIds.Select(id => new JsonValue.Text(id))]));
        members.Add("threshold", Threshold);
    }

    internal static RoleKeys Read(JsonObject json, string where)
    {
        var fields = new JsonFields(json, where);
        return ReadMembers(fields) with { Unknown = fields.Unknown() };
    }

    /// <summary>The members alone, for roles that have others beside them.</summary>
    internal static RoleKeys ReadMembers(JsonFields fields)
    {
        var keyIds = fields.Texts("keyids").ToImmutableArray();
        var twice = keyIds.GroupBy(id => id).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null) throw new InvalidDataException($"{fields.Path("keyids")} has {twice} twice");
        return new(keyIds, (int)fields.IntegerFrom("threshold", 1, int.MaxValue), JsonObject.Empty);
    }

    public bool Equals(RoleKeys? other) =>
        other is not null && Threshold == other.Threshold && KeyIds.SequenceEqual(other.KeyIds) && Unknown.Equals(other.Unknown);

    public override int GetHashCode() => HashCode.Combine(Threshold, KeyIds.Length);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Threshold} of {KeyIds.Length}");
}
