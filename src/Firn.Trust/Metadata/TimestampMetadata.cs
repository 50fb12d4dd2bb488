namespace Firn.Trust.Metadata;

/// <summary>Which snapshot is the newest. The only metadata file that is replaced in place.</summary>
public sealed record TimestampMetadata : RoleMetadata
{
    public override string Type => RoleNames.Timestamp;

    public required MetaFile Snapshot { get; init; }

    private protected override void AddMembers(JsonBuilder members) => members.Add(
        "meta", JsonObject.Of([new(RoleNames.MetaName(RoleNames.Snapshot), Snapshot.ToJson())]));

    /// <exception cref="InvalidDataException">Not timestamp metadata.</exception>
    public static TimestampMetadata Read(JsonObject signed)
    {
        var fields = new JsonFields(signed, "");
        var (version, expires, spec) = ReadCommon(fields, RoleNames.Timestamp);
        var name = RoleNames.MetaName(RoleNames.Snapshot);
        var files = MetaFile.ReadTable(fields);
        if (files.Count != 1 || !files.TryGetValue(name, out var snapshot))
            throw new InvalidDataException($"meta must list {name} and nothing else");
        return new()
        {
            Version = version,
            Expires = expires,
            SpecVersion = spec,
            Snapshot = snapshot,
            Unknown = fields.Unknown(),
        };
    }
}
