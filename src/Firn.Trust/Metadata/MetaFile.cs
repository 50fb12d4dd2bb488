using System.Collections.Immutable;

namespace Firn.Trust.Metadata;

/// <summary>What timestamp says of snapshot, and snapshot of targets metadata.</summary>
/// <param name="Version">Exactly this one.</param>
/// <param name="SizeBytes">Exact size, if it is said.</param>
/// <param name="Hashes">Of the whole file, if they are said.</param>
/// <param name="Unknown">Fields that Firn does not know.</param>
public sealed record MetaFile(long Version, long? SizeBytes, FileHashes? Hashes, JsonObject Unknown)
{
    public MetaFile(long version) : this(version, null, null, JsonObject.Empty) { }

    internal JsonObject ToJson() => new JsonBuilder
    {
        { "version", Version },
        { "length", SizeBytes is { } size ? size : (JsonValue?)null },
        { "hashes", Hashes?.ToJson() },
        Unknown,
    }.Build();

    internal static MetaFile Read(JsonObject json, string where)
    {
        var fields = new JsonFields(json, where);
        return new(
            fields.IntegerFrom("version", 1),
            fields.OptionalInteger("length") is null ? null : fields.IntegerFrom("length", 0),
            fields.OptionalObject("hashes") is { } hashes ? FileHashes.Read(hashes, fields.Path("hashes")) : null,
            fields.Unknown());
    }

    internal static ImmutableSortedDictionary<string, MetaFile> ReadTable(JsonFields owner)
    {
        var where = owner.Path("meta");
        return owner.Object("meta").ToImmutableSortedDictionary(
            member => member.Name,
            member => Read(
                member.Value as JsonObject ?? throw new InvalidDataException($"{where}['{member.Name}'] must be an object"),
                $"{where}['{member.Name}']"),
            StringComparer.Ordinal);
    }

    internal static JsonObject ToJson(ImmutableSortedDictionary<string, MetaFile> table) =>
        JsonObject.Of(table.Select(entry => new JsonMember(entry.Key, entry.Value.ToJson())));
}
