using System.Collections.Immutable;

namespace Firn.Trust.Metadata;

/// <summary>Files that may be believed, and who else may speak for some of them.</summary>
public sealed record TargetsMetadata : RoleMetadata
{
    public override string Type => RoleNames.Targets;

    /// <summary>By path, relative to the repository's targets.</summary>
    public required ImmutableSortedDictionary<string, TargetFile> Targets { get; init; }

    public Delegations? Delegations { get; init; }

    private protected override void AddMembers(JsonBuilder members)
    {
        members.Add("targets", JsonObject.Of(Targets.Select(entry => new JsonMember(entry.Key, entry.Value.ToJson()))));
        members.Add("delegations", Delegations?.ToJson());
    }

    /// <exception cref="InvalidDataException">Not targets metadata.</exception>
    public static TargetsMetadata Read(JsonObject signed)
    {
        var fields = new JsonFields(signed, "");
        var (version, expires, spec) = ReadCommon(fields, RoleNames.Targets);
        return new()
        {
            Version = version,
            Expires = expires,
            SpecVersion = spec,
            Targets = fields.Object("targets").ToImmutableSortedDictionary(
                member => member.Name,
                member => TargetFile.Read(
                    member.Value as JsonObject ?? throw new InvalidDataException($"targets['{member.Name}'] must be an object"),
                    $"targets['{member.Name}']"),
                StringComparer.Ordinal),
            Delegations = fields.OptionalObject("delegations") is { } delegations ? Delegations.Read(delegations) : null,
            Unknown = fields.Unknown(),
        };
    }
}
