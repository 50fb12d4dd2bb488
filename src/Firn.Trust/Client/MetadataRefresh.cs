using Firn.Trust.Metadata;

namespace Firn.Trust.Client;

/// <summary>
/// One run of TUF's client workflow over the top-level roles, against one source. Numbers are the steps of TUF 1.0, section 5.
/// Whatever was verified before a step fails is kept, so that the next run begins there.
/// </summary>
internal sealed class MetadataRefresh(
    TrustStore store, MetadataSource source, TrustLimits limits, RefreshOptions options, DateTimeOffset started)
{
    public async Task<TrustedMetadata> RunAsync(CancellationToken cancellation)
    {
        var root = await UpdateRootAsync(LoadRoot(), cancellation);
        var timestamp = await UpdateTimestampAsync(root, cancellation);
        var snapshot = await UpdateSnapshotAsync(root, timestamp, cancellation);
        var targets = await new TargetsLoader(store, source, root, snapshot, started).LoadAsync(
            RoleNames.Targets, root.Roles[RoleNames.Targets], root.Keys, RoleNames.Root, cancellation);
        return new(root, timestamp, snapshot, targets, started);
    }

    // 5.2; its expiry does not matter yet
    private RootMetadata LoadRoot() => VerifiedRole.ReadRoot(
        store.Read(RoleNames.Root) ?? throw new TrustException(
            TrustFailure.NoRoot, RoleNames.Root, $"there is none in {store.Directory} to begin with"), before: null);

    // 5.3
    private async Task<RootMetadata> UpdateRootAsync(RootMetadata root, CancellationToken cancellation)
    {
        for (var count = 0; count < limits.MaximumRootVersions; count++)
        {
            if (await source.FetchRootAsync(root.Version + 1, cancellation) is not { } bytes) break;
            var next = VerifiedRole.ReadRoot(bytes, root);
            VerifiedRole.RequireVersion(next, root.Version + 1, RoleNames.Root);
            // 5.3.11, before the new root is kept: a power cut between the two must not leave fast-forwarded versions behind
            if (AreRevoked(RoleNames.Timestamp, root, next) || AreRevoked(RoleNames.Snapshot, root, next)) ForgetVersions();
            store.Write(RoleNames.Root, bytes);
            root = next;
        }
        VerifiedRole.RequireCurrent(root, RoleNames.Root, started);
        return root;
    }

    private static bool AreRevoked(string role, RootMetadata before, RootMetadata after) =>
        before.Roles[role].KeyIds.Except(after.Roles[role].KeyIds).Any();

    private void ForgetVersions()
    {
        store.Remove(RoleNames.Timestamp);
        store.Remove(RoleNames.Snapshot);
    }

    // 5.4
    private async Task<TimestampMetadata> UpdateTimestampAsync(RootMetadata root, CancellationToken cancellation)
    {
        var trusted = Trusted(root, RoleNames.Timestamp, TimestampMetadata.Read);
        var bytes = await source.FetchTimestampAsync(cancellation);
        var timestamp = Verify(bytes, root, RoleNames.Timestamp, TimestampMetadata.Read);
        if (trusted is not null)
        {
            RequireNoRollback(RoleNames.Timestamp, trusted.Version, timestamp.Version);
            if (timestamp.Version > trusted.Version)
                RequireNoRollback(RoleNames.Snapshot, trusted.Snapshot.Version, timestamp.Snapshot.Version);
            else timestamp = trusted;    // the same version means the same content: what it says now does not count
        }
        RequireFresh(timestamp, RoleNames.Timestamp);
        if (timestamp != trusted) store.Write(RoleNames.Timestamp, bytes);
        return timestamp;
    }

    // 5.5
    private async Task<SnapshotMetadata> UpdateSnapshotAsync(
        RootMetadata root, TimestampMetadata timestamp, CancellationToken cancellation)
    {
        var trusted = Trusted(root, RoleNames.Snapshot, SnapshotMetadata.Read);
        if (trusted?.Version == timestamp.Snapshot.Version && Matches(store.Read(RoleNames.Snapshot)!, timestamp.Snapshot))
        {
            RequireFresh(trusted, RoleNames.Snapshot);
            return trusted;
        }
        var bytes = await source.FetchAsync(RoleNames.Snapshot, timestamp.Snapshot, root.HasConsistentSnapshots, cancellation);
        var snapshot = Verify(bytes, root, RoleNames.Snapshot, SnapshotMetadata.Read);
        VerifiedRole.RequireVersion(snapshot, timestamp.Snapshot.Version, RoleNames.Snapshot);
        if (trusted is not null) RequireNoRollback(trusted, snapshot);
        RequireFresh(snapshot, RoleNames.Snapshot);
        store.Write(RoleNames.Snapshot, bytes);
        return snapshot;
    }

    /// <summary>What was believed before, if root still says so; its expiry does not matter.</summary>
    private T? Trusted<T>(RootMetadata root, string role, Func<JsonObject, T> read) where T : RoleMetadata
    {
        try
        {
            return store.Read(role) is { } bytes ? Verify(bytes, root, role, read) : null;
        }
        catch (TrustException)
        {
            return null;
        }
    }

    private static T Verify<T>(ReadOnlySpan<byte> bytes, RootMetadata root, string role, Func<JsonObject, T> read) =>
        VerifiedRole.Read(bytes, role, root.Roles[role], root.Keys, RoleNames.Root, read);

    private static bool Matches(byte[] bytes, MetaFile expected)
    {
        try
        {
            VerifiedRole.RequireMatch(bytes, expected, RoleNames.Snapshot);
            return true;
        }
        catch (TrustException)
        {
            return false;
        }
    }

    private void RequireFresh(RoleMetadata metadata, string role)
    {
        if (!options.AcceptsStale) VerifiedRole.RequireCurrent(metadata, role, started);
    }

    private static void RequireNoRollback(SnapshotMetadata before, SnapshotMetadata now)
    {
        foreach (var (name, file) in before.Meta)
        {
            if (!now.Meta.TryGetValue(name, out var listed))
                throw new TrustException(TrustFailure.Rollback, RoleNames.Snapshot, $"version {now.Version} lists {name} no more, and version {before.Version} did");
            RequireNoRollback(name, file.Version, listed.Version);
        }
    }

    private static void RequireNoRollback(string subject, long before, long now)
    {
        if (now < before)
            throw new TrustException(TrustFailure.Rollback, subject, $"is version {now}, and version {before} was believed before");
    }
}
