using System.Collections.Immutable;
using Firn.Publishing.Drafts;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Roles;

/// <param name="Role">Whose metadata.</param>
/// <param name="KeyId">Whose signature.</param>
public sealed record SignatureMade(string Role, string KeyId);

/// <summary>Adds the signatures that the keys at hand can give, where they are asked for and missing.</summary>
internal static class RoleSigning
{
    public static RepositoryDraft Sign(RepositoryDraft draft, KeyRing ring, out ImmutableArray<SignatureMade> made)
    {
        var log = ImmutableArray.CreateBuilder<SignatureMade>();
        var staged = draft.Staged.Roles;
        foreach (var (role, file) in staged)
            staged = staged.SetItem(role, Sign(file, draft.SignersOf(role), ring, log));
        made = log.ToImmutable();
        return made.IsEmpty ? draft : draft.With(new StagedEdit(staged));
    }

    public static MetadataFile Sign(
        MetadataFile file, ImmutableArray<RoleAuthority> authorities, KeyRing ring, ImmutableArray<SignatureMade>.Builder? log = null)
    {
        foreach (var authority in authorities)
        {
            var verdicts = authority.Check(file).Verdicts.ToDictionary(entry => entry.KeyId, entry => entry.Verdict);
            foreach (var (id, key) in authority.PublicKeys)
            {
                if (verdicts[id] is not (SignatureVerdict.Absent or SignatureVerdict.Wrong) || ring.Find(key) is not { } signer) continue;
                // under the name that the role knows the key by
                file = file.With(new MetadataSignature(id, signer.Sign(file.Signed.ToCanonicalBytes())));
                log?.Add(new(authority.Role, id));
            }
        }
        return file;
    }
}
