using Firn.Trust.Metadata;

namespace Firn.Publishing.Roles;

/// <summary>All roles that speak for targets, beginning with the top-level one: breadth first, each once.</summary>
internal static class RoleTree
{
    /// <param name="root">Names the keys of top-level targets.</param>
    /// <param name="load">What a role says; null if there is nothing of it yet. Hash bins are not asked for.</param>
    public static Dictionary<string, RoleAuthority> Walk(RootMetadata root, Func<RoleAuthority, TargetsMetadata?> load)
    {
        var found = new Dictionary<string, RoleAuthority>(StringComparer.Ordinal);
        var waiting = new Queue<RoleAuthority>([RoleAuthority.Of(root, RoleNames.Targets)]);
        while (waiting.TryDequeue(out var authority))
        {
            if (!found.TryAdd(authority.Role, authority) || authority.IsBin) continue;
            if (load(authority)?.Delegations is not { } delegations) continue;
            foreach (var role in delegations.All)
                waiting.Enqueue(new(role.Name, authority.Role, role.Keys, delegations.Keys, delegations.SuccinctRoles is not null));
        }
        return found;
    }
}
