using System.Collections.Immutable;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Trust.Client;

/// <summary>Finds out who may speak for a target: pre-order, depth first, in the order of delegations. TUF 1.0, section 5.6.7.</summary>
internal sealed class TargetSearch(TargetsLoader loader, RootMetadata root, TrustLimits limits)
{
    private sealed record Step(string Role, RoleKeys Signers, ImmutableSortedDictionary<string, PublicKey> Keys, string Delegator);

    /// <returns>Null if nobody who may lists it.</returns>
    /// <exception cref="TrustException">A role on the way is not to be believed, or the way is too long.</exception>
    public async Task<TrustedTarget?> FindAsync(string path, CancellationToken cancellation)
    {
        var visited = new HashSet<string>();
        var next = new Stack<Step>();
        next.Push(new(RoleNames.Targets, root.Roles[RoleNames.Targets], root.Keys, RoleNames.Root));
        while (next.TryPop(out var step))
        {
            if (!visited.Add(step.Role)) continue;
            if (visited.Count > limits.MaximumRoles)
                throw new TrustException(
                    TrustFailure.UnknownTarget, path, $"not listed by the first {limits.MaximumRoles} roles that may list it");
            var targets = await loader.LoadAsync(step.Role, step.Signers, step.Keys, step.Delegator, cancellation);
            if (targets.Targets.TryGetValue(path, out var file)) return new(path, file, step.Role);
            if (targets.Delegations is { } delegations) Push(next, delegations, path, step.Role);
        }
        return null;
    }

    private static void Push(Stack<Step> next, Delegations delegations, string path, string delegator)
    {
        var steps = new List<Step>();
        foreach (var role in delegations.For(path))
        {
            steps.Add(new(role.Name, role.Keys, delegations.Keys, delegator));
            if (!role.IsTerminating) continue;
            next.Clear();    // nobody after it, at any level, is asked any more
            break;
        }
        for (var i = steps.Count - 1; i >= 0; i--) next.Push(steps[i]);
    }
}
