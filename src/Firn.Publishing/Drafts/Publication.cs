using System.Collections.Immutable;
using System.Globalization;
using Firn.Publishing.Roles;
using Firn.Publishing.Storage;
using Firn.Trust;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Drafts;

/// <param name="Path">Below the repository.</param>
/// <param name="Content">The whole file.</param>
public sealed record MetadataWrite(string Path, byte[] Content);

/// <summary>
/// What makes a draft the repository: files to write, in an order in which every beginning is the old repository, and the
/// whole the new one. Timestamp is what machines see first, so it is written last; nothing before it is known to them.
/// </summary>
/// <param name="Writes">Nothing if there is nothing to publish.</param>
public sealed record Publication(ImmutableArray<MetadataWrite> Writes)
{
    /// <param name="draft">All its staged roles must be signed.</param>
    /// <param name="ring">Signs snapshot and timestamp.</param>
    /// <param name="renewsTimestamp">Also if nothing else is new.</param>
    /// <param name="renewsSnapshot">Also if nothing else is new.</param>
    /// <exception cref="TrustException">Signatures are missing: says of which role, and by which keys.</exception>
    public static Publication Of(RepositoryDraft draft, KeyRing ring, bool renewsTimestamp = false, bool renewsSnapshot = false)
    {
        RequireLaterThan(draft);
        foreach (var (role, file) in draft.Staged.Roles)
            foreach (var authority in Required(draft, role)) authority.Require(file);

        var published = draft.Published;
        var roles = draft.Staged.Roles.Where(entry => entry.Key != RoleNames.Root).ToArray();
        var root = draft.Staged.Roles.GetValueOrDefault(RoleNames.Root);
        var isBroken = published?.Snapshot is null || !published.IsSignedFor(draft.Root);
        renewsSnapshot |= roles.Length > 0 || isBroken;
        renewsTimestamp |= renewsSnapshot;

        var writes = new List<MetadataWrite>();
        foreach (var (role, file) in roles.OrderBy(entry => entry.Key == RoleNames.Targets))    // delegated roles first
            writes.Add(new(RepositoryPaths.Of(role, draft.NextVersion(role)), file.ToBytes()));

        var snapshot = published?.Timestamp?.Snapshot;
        if (renewsSnapshot)
        {
            var file = Signed(draft, ring, RoleNames.Snapshot, NewSnapshot(draft, roles));
            writes.Add(new(RepositoryPaths.Of(RoleNames.Snapshot, draft.NextVersion(RoleNames.Snapshot)), file.ToBytes()));
            snapshot = Describe(file.ToBytes(), draft.NextVersion(RoleNames.Snapshot));
        }
        MetadataFile? timestamp = null;
        if (renewsTimestamp)
        {
            timestamp = Signed(draft, ring, RoleNames.Timestamp, new TimestampMetadata
            {
                Version = draft.NextVersion(RoleNames.Timestamp),
                Expires = draft.ExpiryOf(RoleNames.Timestamp),
                Snapshot = snapshot!,
            });
            writes.Add(new(RepositoryPaths.Timestamp, timestamp.ToBytes()));
        }
        if (root is not null) AddRoot(writes, draft, root);
        return new([.. writes]);
    }

    /// <summary>A clock that is behind would sign what no machine believes, and machines that have taken it cannot go back.</summary>
    /// <exception cref="RepositoryRefusedException">The new timestamp would be over before the one that is published was made.</exception>
    private static void RequireLaterThan(RepositoryDraft draft)
    {
        if (draft.Published?.Timestamp is not { } published) return;
        var expires = draft.ExpiryOf(RoleNames.Timestamp);
        if (expires < published.Expires - draft.Settings.LifetimeOf(RoleNames.Timestamp))
            throw new RepositoryRefusedException(string.Create(
                CultureInfo.InvariantCulture,
                $"timestamp: would expire on {expires:yyyy-MM-dd HH:mm:ss}Z, and version {published.Version} does on {published.Expires:yyyy-MM-dd HH:mm:ss}Z: ")
                + "is the clock of this machine behind?");
    }

    /// <summary>
    /// Where new keys replace old ones, and everything is signed by both, root comes last: machines that have not seen it
    /// follow the old keys, the others the new ones, and no moment is wrong. Without the old keys it comes just before
    /// timestamp, and between the two writes machines that come by wait.
    /// </summary>
    private static void AddRoot(List<MetadataWrite> writes, RepositoryDraft draft, MetadataFile root)
    {
        var write = new MetadataWrite(RepositoryPaths.Of(RoleNames.Root, draft.NextVersion(RoleNames.Root)), root.ToBytes());
        var timestamp = writes.FindIndex(entry => entry.Path == RepositoryPaths.Timestamp);
        if (timestamp < 0 || IsSignedForOldRoot(writes, draft)) writes.Add(write);
        else writes.Insert(timestamp, write);
    }

    private static bool IsSignedForOldRoot(IEnumerable<MetadataWrite> writes, RepositoryDraft draft)
    {
        if (draft.Published?.Root is not { } before) return false;
        foreach (var role in (ReadOnlySpan<string>)[RoleNames.Targets, RoleNames.Snapshot, RoleNames.Timestamp])
        {
            var path = role == RoleNames.Timestamp ? RepositoryPaths.Timestamp : RepositoryPaths.Of(role, draft.NextVersion(role));
            if (writes.FirstOrDefault(write => write.Path == path) is { } file
                && !RoleAuthority.Of(before, role).Check(MetadataFile.Read(file.Content)).IsSigned) return false;
        }
        return true;
    }

    /// <summary>Without whom a role is not complete. The old keys of a role that root took them from are welcome, not needed.</summary>
    private static IEnumerable<RoleAuthority> Required(RepositoryDraft draft, string role) =>
        role == RoleNames.Root ? draft.SignersOf(role) : draft.SignersOf(role).Take(1);

    private static SnapshotMetadata NewSnapshot(RepositoryDraft draft, IEnumerable<KeyValuePair<string, MetadataFile>> roles)
    {
        // a role that is listed once stays listed: machines refuse a snapshot that forgets one
        var meta = draft.Published?.Snapshot?.Meta ?? ImmutableSortedDictionary.Create<string, MetaFile>(StringComparer.Ordinal);
        return new()
        {
            Version = draft.NextVersion(RoleNames.Snapshot),
            Expires = draft.ExpiryOf(RoleNames.Snapshot),
            Meta = meta.SetItems(roles.Select(entry => KeyValuePair.Create(
                RoleNames.MetaName(entry.Key), Describe(entry.Value.ToBytes(), draft.NextVersion(entry.Key))))),
        };
    }

    private static MetaFile Describe(byte[] file, long version) => new(version, file.Length, FileHashes.Of(file), JsonObject.Empty);

    private static MetadataFile Signed(RepositoryDraft draft, KeyRing ring, string role, RoleMetadata content)
    {
        var authorities = draft.SignersOf(role);
        var file = RoleSigning.Sign(MetadataFile.Of(content), authorities, ring);
        authorities[0].Require(file);
        return file;
    }
}
