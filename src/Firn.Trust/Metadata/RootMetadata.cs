using System.Collections.Immutable;
using Firn.Trust.Keys;

namespace Firn.Trust.Metadata;

/// <summary>Who may speak for the top-level roles. All trust begins here.</summary>
public sealed record RootMetadata : RoleMetadata
{
    public override string Type => RoleNames.Root;

    /// <summary>Metadata files carry their version, and targets their hash, in their names. True if nothing is said.</summary>
    public bool HasConsistentSnapshots { get; init; } = true;

    public required ImmutableSortedDictionary<string, PublicKey> Keys { get; init; }

    /// <summary>The four top-level roles, and any other that was written.</summary>
    public required ImmutableSortedDictionary<string, RoleKeys> Roles { get; init; }

    private protected override void AddMembers(JsonBuilder members)
    {
        members.Add("consistent_snapshot", HasConsistentSnapshots);
        members.Add("keys", KeyTable.ToJson(Keys));
        members.Add("roles", JsonObject.Of(Roles.Select(entry => new JsonMember(entry.Key, entry.Value.ToJson()))));
    }

    /// <exception cref="InvalidDataException">Not root metadata.</exception>
    public static RootMetadata Read(JsonObject signed)
    {
        var fields = new JsonFields(signed, "");
        var (version, expires, spec) = ReadCommon(fields, RoleNames.Root);
        return new()
        {
            Version = version,
            Expires = expires,
            SpecVersion = spec,
            HasConsistentSnapshots = fields.OptionalBoolean("consistent_snapshot") ?? true,
            Keys = KeyTable.Read(fields),
            Roles = ReadRoles(fields.Object("roles")),
            Unknown = fields.Unknown(),
        };
    }

    private static ImmutableSortedDictionary<string, RoleKeys> ReadRoles(JsonObject json)
    {
        var roles = json.ToImmutableSortedDictionary(
            member => member.Name,
            member => RoleKeys.Read(
                member.Value as JsonObject ?? throw new InvalidDataException($"roles.{member.Name} must be an object"),
                $"roles.{member.Name}"),
            StringComparer.Ordinal);
        foreach (var role in (ReadOnlySpan<string>)[RoleNames.Root, RoleNames.Timestamp, RoleNames.Snapshot, RoleNames.Targets])
            if (!roles.ContainsKey(role)) throw new InvalidDataException($"roles.{role} is missing");
        return roles;
    }
}
