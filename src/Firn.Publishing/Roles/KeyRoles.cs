using System.Collections.Immutable;
using Firn.Publishing.Drafts;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Roles;

/// <summary>Which keys sign a role, to be.</summary>
/// <param name="Keys">At least one.</param>
/// <param name="Threshold">How many of them must.</param>
public sealed record KeyChoice(ImmutableArray<PublicKey> Keys, int Threshold)
{
    public RoleKeys ToRoleKeys(string role)
    {
        var ids = Keys.Select(key => key.Id).Distinct().ToArray();
        return Threshold >= 1 && Threshold <= ids.Length
            ? new(ids, Threshold)
            : throw new InvalidDataException($"{role}: a threshold of {Threshold} with {ids.Length} different keys");
    }
}

/// <summary>Edits of who may sign what.</summary>
public static class KeyRoles
{
    /// <summary>The first root of a repository.</summary>
    public static RootMetadata NewRoot(IReadOnlyDictionary<string, KeyChoice> roles) => new()
    {
        Version = 1,
        Expires = default,
        Keys = Table(roles.Values.SelectMany(choice => choice.Keys)),
        Roles = roles.ToImmutableSortedDictionary(entry => entry.Key, entry => entry.Value.ToRoleKeys(entry.Key), StringComparer.Ordinal),
    };

    public static TargetsMetadata NewTargets() => new()
    {
        Version = 1,
        Expires = default,
        Targets = ImmutableSortedDictionary.Create<string, TargetFile>(StringComparer.Ordinal),
    };

    /// <summary>Gives a role other keys, or another threshold; what the role said is staged again where new keys must sign it.</summary>
    /// <param name="add">Keys to add.</param>
    /// <param name="remove">Ids, or beginnings of them, of keys to remove.</param>
    /// <param name="threshold">Null keeps it.</param>
    public static RepositoryDraft Change(
        RepositoryDraft draft, string role, ImmutableArray<PublicKey> add, ImmutableArray<string> remove, int? threshold)
    {
        if (RoleNames.IsTopLevel(role)) return ChangeTopLevel(draft, role, add, remove, threshold);
        if (!draft.Authorities.TryGetValue(role, out var authority))
            throw new InvalidDataException($"{role}: no such role; there are {string.Join(", ", draft.Authorities.Values.Where(entry => !entry.IsBin).Select(entry => entry.Role))}");
        if (authority.IsBin) throw new InvalidDataException($"{role}: bins share the keys of {authority.Delegator}: change those");
        var keys = Change(authority.Keys, authority.Described, role, add, remove, threshold);
        var owner = draft.Targets(authority.Delegator)!;
        var own = draft.Targets(role)!;
        var changes = new List<(string, RoleMetadata)>
        {
            (authority.Delegator, owner with { Delegations = Channels.WithKeys(owner.Delegations!, role, keys, add) }),
            (role, Channels.WithBinKeys(own, keys, add, authority)),
        };
        if (own.Delegations?.SuccinctRoles is { } bins)
            changes.AddRange(bins.Roles().Select(bin => (bin.Name, (RoleMetadata)draft.Targets(bin.Name)!)));
        return draft.With(changes);
    }

    private static RepositoryDraft ChangeTopLevel(
        RepositoryDraft draft, string role, ImmutableArray<PublicKey> add, ImmutableArray<string> remove, int? threshold)
    {
        var root = draft.Root;
        var keys = Change(root.Roles[role], root.Keys, role, add, remove, threshold);
        var roles = root.Roles.SetItem(role, keys);
        var known = root.Keys.SetItems(Table(add));
        var used = roles.Values.SelectMany(entry => entry.KeyIds).ToHashSet();
        root = root with { Roles = roles, Keys = known.RemoveRange(known.Keys.Where(id => !used.Contains(id))) };
        return role == RoleNames.Targets && !keys.Equals(draft.Root.Roles[role])
            ? draft.With((RoleNames.Root, root), (role, draft.Targets(role)!))
            : draft.With((RoleNames.Root, root));
    }

    private static RoleKeys Change(
        RoleKeys before, ImmutableSortedDictionary<string, PublicKey> described, string role,
        ImmutableArray<PublicKey> add, ImmutableArray<string> remove, int? threshold)
    {
        var gone = remove.Select(beginning => Find(before, beginning, role)).ToHashSet();
        var ids = before.KeyIds.Where(id => !gone.Contains(id)).ToList();
        var there = ids.Where(described.ContainsKey).Select(id => described[id].Id).ToHashSet();
        ids.AddRange(add.Where(key => there.Add(key.Id)).Select(key => key.Id));
        var after = before with { KeyIds = [.. ids], Threshold = threshold ?? before.Threshold };
        return after.Threshold >= 1 && after.Threshold <= ids.Count
            ? after
            : throw new InvalidDataException($"{role}: a threshold of {after.Threshold} with {ids.Count} keys: nobody could sign it");
    }

    private static string Find(RoleKeys keys, string beginning, string role) =>
        keys.KeyIds.Where(id => id.StartsWith(beginning, StringComparison.Ordinal)).ToArray() switch
        {
            [var id] => id,
            [] => throw new InvalidDataException($"{role}: no key {beginning}; it has {string.Join(", ", keys.KeyIds.Select(id => id[..Math.Min(12, id.Length)]))}"),
            _ => throw new InvalidDataException($"{role}: several keys begin with {beginning}"),
        };

    internal static ImmutableSortedDictionary<string, PublicKey> Table(IEnumerable<PublicKey> keys) =>
        ImmutableSortedDictionary.Create<string, PublicKey>(StringComparer.Ordinal)
            .SetItems(keys.Select(key => KeyValuePair.Create(key.Id, key)));
}
