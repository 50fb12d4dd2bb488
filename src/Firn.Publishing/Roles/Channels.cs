using System.Collections.Immutable;
using Firn.Publishing.Drafts;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Roles;

/// <summary>
/// A channel is a role of its own, with its own keys, that may speak for the targets below its name and for nothing else.
/// Its manifests are its own targets; with hash bins, the other files are in roles below it, so that a machine fetches only
/// the few that list what it needs.
/// </summary>
public static class Channels
{
    public const int MaximumBinBits = 14;

    /// <param name="binBits">2 to the power of this many bins; 0 for none.</param>
    /// <exception cref="InvalidDataException">There is such a role, or none can be called so.</exception>
    public static RepositoryDraft Delegate(RepositoryDraft draft, string channel, KeyChoice keys, int binBits)
    {
        RequireNew(draft, channel);
        var targets = draft.Targets(RoleNames.Targets)!;
        var before = targets.Delegations;
        if (before?.SuccinctRoles is not null) throw new InvalidDataException("targets: delegates to hash bins, and cannot to channels as well");
        var role = new DelegatedRole { Name = channel, Keys = keys.ToRoleKeys(channel), IsTerminating = true, Paths = [$"{channel}/*/*"] };
        var delegations = new Delegations
        {
            Keys = (before?.Keys ?? KeyRoles.Table([])).SetItems(KeyRoles.Table(keys.Keys)),
            Roles = [.. before?.Roles ?? [], role],
            Unknown = before?.Unknown ?? JsonObject.Empty,
        };
        var changes = new List<(string, RoleMetadata)> { (RoleNames.Targets, targets with { Delegations = delegations }) };
        if (binBits == 0)
        {
            changes.Add((channel, KeyRoles.NewTargets()));
            return draft.With(changes);
        }
        var bins = new SuccinctRoles(role.Keys, binBits, $"{channel}-bin");
        changes.Add((channel, KeyRoles.NewTargets() with { Delegations = new() { Keys = KeyRoles.Table(keys.Keys), SuccinctRoles = bins } }));
        changes.AddRange(bins.Roles().Select(bin => (bin.Name, (RoleMetadata)KeyRoles.NewTargets())));
        return draft.With(changes);
    }

    /// <exception cref="InvalidDataException">There is such a role, or none can be called so.</exception>
    public static void RequireNew(RepositoryDraft draft, string channel)
    {
        CheckName(channel);
        if (draft.Authorities.ContainsKey(channel)) throw new InvalidDataException($"{channel}: there is such a role already");
    }

    /// <summary>The role that lists a target of a channel: the channel itself for what machines look for, else the target's bin.</summary>
    internal static string RoleFor(RepositoryDraft draft, string channel, string targetPath, bool isManifest) =>
        !isManifest && draft.Targets(channel)!.Delegations?.SuccinctRoles is { } bins ? bins.RoleFor(targetPath).Name : channel;

    /// <summary>Names that are file names, URLs and parts of patterns as they stand.</summary>
    private static void CheckName(string channel)
    {
        if (channel.Length is 0 or > 64 || RoleNames.IsTopLevel(channel) || !char.IsAsciiLetterOrDigit(channel[0])
            || !channel.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-'))
            throw new InvalidDataException($"channel '{channel}': expected 1 to 64 letters, digits, dots, hyphens and underscores, and not the name of a top-level role");
    }

    internal static Delegations WithKeys(Delegations before, string role, RoleKeys keys, ImmutableArray<PublicKey> added)
    {
        var roles = before.Roles.Select(entry => entry.Name == role ? entry with { Keys = keys } : entry).ToImmutableArray();
        return before with { Roles = roles, Keys = Used(before.Keys.SetItems(KeyRoles.Table(added)), roles.SelectMany(entry => entry.Keys.KeyIds)) };
    }

    /// <summary>Bins have the keys of their channel.</summary>
    internal static TargetsMetadata WithBinKeys(TargetsMetadata channel, RoleKeys keys, ImmutableArray<PublicKey> added, RoleAuthority before)
    {
        if (channel.Delegations is not { SuccinctRoles: { } bins } delegations || !bins.Keys.Equals(before.Keys)) return channel;
        return channel with
        {
            Delegations = delegations with
            {
                SuccinctRoles = bins with { Keys = keys },
                Keys = Used(delegations.Keys.SetItems(KeyRoles.Table(added)), keys.KeyIds),
            },
        };
    }

    private static ImmutableSortedDictionary<string, PublicKey> Used(ImmutableSortedDictionary<string, PublicKey> keys, IEnumerable<string> ids)
    {
        var used = ids.ToHashSet();
        return keys.RemoveRange(keys.Keys.Where(id => !used.Contains(id)));
    }
}
