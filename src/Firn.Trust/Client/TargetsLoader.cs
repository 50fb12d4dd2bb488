using System.Collections.Immutable;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Trust.Client;

/// <summary>Targets metadata, top-level or delegated, in the version that snapshot means. TUF 1.0, section 5.6.</summary>
internal sealed class TargetsLoader(
    TrustStore store, MetadataSource source, RootMetadata root, SnapshotMetadata snapshot, DateTimeOffset started)
{
    private readonly Dictionary<(string Role, string Delegator), TargetsMetadata> _loaded = [];

    /// <param name="role">Its name.</param>
    /// <param name="signers">Who must have signed it.</param>
    /// <param name="keys">Of the delegator.</param>
    /// <param name="delegator">Another delegator may name other signers, so nothing is believed for having been believed there.</param>
    /// <exception cref="TrustException">It is not to be believed, or snapshot does not list it.</exception>
    /// <exception cref="IOException">It cannot be had.</exception>
    public async Task<TargetsMetadata> LoadAsync(
        string role, RoleKeys signers, ImmutableSortedDictionary<string, PublicKey> keys, string delegator, CancellationToken cancellation)
    {
        if (_loaded.TryGetValue((role, delegator), out var loaded)) return loaded;
        if (!snapshot.Meta.TryGetValue(RoleNames.MetaName(role), out var expected))
            throw new TrustException(TrustFailure.Missing, role, $"snapshot version {snapshot.Version} does not list it");

        var targets = Trusted(expected);
        if (targets is null)
        {
            var bytes = await source.FetchAsync(role, expected, root.HasConsistentSnapshots, cancellation);
            targets = Verify(bytes, expected);
            store.Write(role, bytes);
        }
        return _loaded[(role, delegator)] = targets;

        TargetsMetadata? Trusted(MetaFile expected)
        {
            try
            {
                return store.Read(role) is { } bytes ? Verify(bytes, expected) : null;
            }
            catch (TrustException)
            {
                return null;    // also when it is too old: what is fetched instead says so
            }
        }

        TargetsMetadata Verify(byte[] bytes, MetaFile expected)
        {
            VerifiedRole.RequireMatch(bytes, expected, role);
            var targets = VerifiedRole.Read(bytes, role, signers, keys, delegator, TargetsMetadata.Read);
            VerifiedRole.RequireVersion(targets, expected.Version, role);
            VerifiedRole.RequireCurrent(targets, role, started);
            return targets;
        }
    }
}
