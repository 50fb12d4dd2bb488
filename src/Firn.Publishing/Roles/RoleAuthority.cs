using System.Collections.Immutable;
using Firn.Trust;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Roles;

/// <summary>Who may sign a role, and who says so.</summary>
/// <param name="Role">The role.</param>
/// <param name="Delegator">The role that names its keys: root for the top-level ones.</param>
/// <param name="Keys">Which keys, and how many of them.</param>
/// <param name="Described">The keys themselves, by id; others too.</param>
/// <param name="IsBin">One of many that share their keys: it delegates nothing.</param>
public sealed record RoleAuthority(
    string Role, string Delegator, RoleKeys Keys, ImmutableSortedDictionary<string, PublicKey> Described, bool IsBin = false)
{
    public SignatureCheck Check(MetadataFile file) => SignatureCheck.Of(file, Keys, Described);

    /// <exception cref="TrustException">Too few keys have signed.</exception>
    public void Require(MetadataFile file) => Check(file).Require(Role, Delegator);

    /// <summary>The keys that are described, which others cannot be verified with.</summary>
    public IEnumerable<(string KeyId, PublicKey Key)> PublicKeys =>
        Keys.KeyIds.Where(Described.ContainsKey).Select(id => (id, Described[id]));

    public static RoleAuthority Of(RootMetadata root, string role) => new(role, RoleNames.Root, root.Roles[role], root.Keys);
}
