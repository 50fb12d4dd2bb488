using System.Collections.Immutable;
using Firn.Publishing.Drafts;
using Firn.Publishing.Roles;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Care;

/// <summary>New versions of roles that say what they said before, and expire later.</summary>
public static class RepositoryRenewal
{
    /// <summary>Stages roles anew, for whoever must sign them.</summary>
    /// <exception cref="InvalidDataException">There is no such role, or it is signed when publishing anyway.</exception>
    public static RepositoryDraft Stage(RepositoryDraft draft, IEnumerable<string> roles) => draft.With(roles.Select(role => (role, Content(draft, role))));

    private static RoleMetadata Content(RepositoryDraft draft, string role) => role switch
    {
        RoleNames.Root => draft.Root,
        RoleNames.Snapshot or RoleNames.Timestamp => throw new InvalidDataException($"{role}: is signed anew whenever something is published"),
        _ => draft.Targets(role) ?? throw new InvalidDataException($"{role}: no such role"),
    };

    /// <summary>
    /// Roles that speak for targets of which less than half of their life is left, and that the keys at hand can sign. Not
    /// those that someone has staged.
    /// </summary>
    public static ImmutableArray<string> Due(RepositoryDraft draft, KeyRing ring) => draft.Published is not { } published
        ? []
        : [.. published.Authorities.Values.Where(authority => !draft.Staged.Roles.ContainsKey(authority.Role)
            && IsDue(draft, authority.Role, published.Targets(authority.Role)!) && CanSign(authority, ring)).Select(authority => authority.Role)];

    public static bool IsDue(RepositoryDraft draft, string role, RoleMetadata metadata) =>
        metadata.Expires - draft.Now < draft.Settings.LifetimeOf(role) / 2;

    private static bool CanSign(RoleAuthority authority, KeyRing ring) =>
        authority.PublicKeys.Count(entry => ring.Find(entry.Key) is not null) >= authority.Keys.Threshold;
}
