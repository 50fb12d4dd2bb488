using System.Collections.Immutable;

namespace Firn.Trust.Metadata;

/// <summary>Which versions of all targets metadata belong together.</summary>
public sealed record SnapshotMetadata : RoleMetadata
{
    public override string Type => RoleNames.Snapshot;

    /// <summary>By name with <c>.json</c>: <c>targets.json</c> and every delegated role.</summary>
    public required ImmutableSortedDictionary<string, MetaFile> Meta { get; init; }

    private protected override void AddMembers(JsonBuilder members) => members.Add("meta", MetaFile.ToJson(Meta));

    /// <exception cref="InvalidDataException">Not snapshot metadata.</exception>
    public static SnapshotMetadata Read(JsonObject signed)
    {
        var fields = new JsonFields(signed, "");
        var (version, expires, spec) = ReadCommon(fields, RoleNames.Snapshot);
        return new()
        {
            Version = version,
            Expires = expires,
            SpecVersion = spec,
            Meta = MetaFile.ReadTable(fields),
            Unknown = fields.Unknown(),
        };
    }
}
