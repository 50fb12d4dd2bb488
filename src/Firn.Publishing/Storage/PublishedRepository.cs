using Firn.Publishing.Destinations;
using Firn.Publishing.Roles;
using Firn.Trust;
using Firn.Trust.Client;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Storage;

/// <summary>
/// What machines see of a repository, verified as it is read. Expiry does not matter here: whoever looks after a
/// repository must be able to renew what has expired.
/// </summary>
public sealed class PublishedRepository
{
    private readonly IRepositoryFiles _files;
    private readonly RootMetadata? _previousRoot;
    private readonly Dictionary<string, TargetsMetadata> _roles = new(StringComparer.Ordinal);
    private readonly Lazy<Dictionary<string, RoleAuthority>> _authorities;

    private PublishedRepository(IRepositoryFiles files, RootMetadata root, RootMetadata? previousRoot)
    {
        (_files, Root, _previousRoot) = (files, root, previousRoot);
        _authorities = new(() => RoleTree.Walk(Root, authority => Targets(authority)));
    }

    public RootMetadata Root { get; }

    /// <summary>Null while nothing but root was published.</summary>
    public TimestampMetadata? Timestamp { get; private set; }

    /// <summary>Null while nothing but root was published.</summary>
    public SnapshotMetadata? Snapshot { get; private set; }

    /// <summary>Every role that speaks for targets.</summary>
    public IReadOnlyDictionary<string, RoleAuthority> Authorities => _authorities.Value;

    /// <param name="files">Where it is.</param>
    /// <param name="trusted">A root that it must descend from; null where the files themselves are trusted.</param>
    /// <returns>Null if nothing was published yet.</returns>
    /// <exception cref="TrustException">A file is not what signed metadata says.</exception>
    public static PublishedRepository? Read(IRepositoryFiles files, MetadataFile? trusted = null)
    {
        var (root, previous) = ReadRoots(files, trusted);
        if (root is null) return null;
        var repository = new PublishedRepository(files, root, previous);
        if (files.Read(RepositoryPaths.Timestamp) is not { } timestamp) return repository;
        repository.Timestamp = repository.Verify(timestamp, RoleNames.Timestamp, TimestampMetadata.Read);
        repository.Snapshot = repository.Verify(
            repository.ReadFile(RoleNames.Snapshot, repository.Timestamp.Snapshot), RoleNames.Snapshot, SnapshotMetadata.Read);
        return repository;
    }

    /// <summary>The newest root and the one before it; every one is vouched for by the one before.</summary>
    private static (RootMetadata? Root, RootMetadata? Previous) ReadRoots(IRepositoryFiles files, MetadataFile? trusted)
    {
        RootMetadata? root = null, previous = null;
        var begin = trusted is null ? null : RootMetadata.Read(trusted.Signed);
        var isTrusted = trusted is null;
        for (var version = 1L; files.Read(RepositoryPaths.Of(RoleNames.Root, version)) is { } bytes; version++)
        {
            (previous, root) = (root, VerifiedRole.ReadRoot(bytes, root));
            VerifiedRole.RequireVersion(root, version, RoleNames.Root);
            isTrusted |= version == begin?.Version && MetadataFile.Read(bytes).Signed.Equals(trusted!.Signed);
        }
        if (!isTrusted)
            throw new TrustException(TrustFailure.Unsigned, RoleNames.Root, $"the roots of {files.Name} do not descend from the trusted version {begin!.Version}");
        return (root, previous);
    }

    /// <summary>The version of a role that is published; 0 for none.</summary>
    public long VersionOf(string role) => role switch
    {
        RoleNames.Root => Root.Version,
        RoleNames.Timestamp => Timestamp?.Version ?? 0,
        RoleNames.Snapshot => Snapshot?.Version ?? 0,
        _ => Snapshot?.Meta.GetValueOrDefault(RoleNames.MetaName(role))?.Version ?? 0,
    };

    /// <summary>What a role that speaks for targets says; null if nothing is published of it.</summary>
    public TargetsMetadata? Targets(string role) =>
        Authorities.TryGetValue(role, out var authority) ? Targets(authority) : null;

    /// <summary>The metadata file of a published role, as it lies there.</summary>
    public byte[]? FileOf(string role) => VersionOf(role) is var version and > 0
        ? _files.Read(role == RoleNames.Timestamp ? RepositoryPaths.Timestamp : RepositoryPaths.Of(role, version))
        : null;

    /// <summary>Every file, in an order in which each comes after those that it names.</summary>
    public IEnumerable<PublishedFile> Files()
    {
        var authorities = Authorities.Values.OrderBy(authority => authority.Role == RoleNames.Targets).ToArray();
        foreach (var authority in authorities)
            foreach (var (path, target) in Targets(authority)?.Targets ?? KeyRoles.NewTargets().Targets)
                yield return new(RepositoryPaths.Of(path, target), target, PublishedKind.Target);
        foreach (var authority in authorities)
            if (VersionOf(authority.Role) > 0) yield return Describe(authority.Role);
        if (Timestamp is null) yield break;
        yield return Describe(RoleNames.Snapshot);
        for (var version = 1L; version <= Root.Version; version++)
            yield return Describe(RepositoryPaths.Of(RoleNames.Root, version), PublishedKind.Metadata);
        yield return Describe(RepositoryPaths.Timestamp, PublishedKind.Timestamp);
    }

    private PublishedFile Describe(string role) => Describe(RepositoryPaths.Of(role, VersionOf(role)), PublishedKind.Metadata);

    private PublishedFile Describe(string path, PublishedKind kind)
    {
        var bytes = _files.Read(path) ?? throw new TrustException(TrustFailure.Missing, path, "is not there");
        return new(path, new(bytes.Length, FileHashes.Of(bytes)), kind);
    }

    /// <summary>Whether timestamp and snapshot are signed as the newest root asks, also after a rotation that broke off.</summary>
    public bool IsSignedFor(RootMetadata root) =>
        IsSignedFor(root, RoleNames.Timestamp) && IsSignedFor(root, RoleNames.Snapshot);

    private bool IsSignedFor(RootMetadata root, string role) =>
        FileOf(role) is { } bytes && RoleAuthority.Of(root, role).Check(MetadataFile.Read(bytes)).IsSigned;

    private TargetsMetadata? Targets(RoleAuthority authority)
    {
        if (_roles.TryGetValue(authority.Role, out var known)) return known;
        if (Snapshot?.Meta.GetValueOrDefault(RoleNames.MetaName(authority.Role)) is not { } listed) return null;
        var bytes = ReadFile(authority.Role, listed);
        return _roles[authority.Role] = authority.Role == RoleNames.Targets
            ? Verify(bytes, RoleNames.Targets, TargetsMetadata.Read)
            : VerifiedRole.Read(bytes, authority.Role, authority.Keys, authority.Described, authority.Delegator, TargetsMetadata.Read);
    }

    private byte[] ReadFile(string role, MetaFile listed)
    {
        var path = RepositoryPaths.Of(role, listed.Version);
        var bytes = _files.Read(path)
            ?? throw new TrustException(TrustFailure.Missing, role, $"version {listed.Version} is listed, and {path} is not there");
        VerifiedRole.RequireMatch(bytes, listed, role);
        return bytes;
    }

    /// <summary>
    /// By the newest root, or by the one before it: a rotation may have broken off between root and what the new keys sign.
    /// </summary>
    private T Verify<T>(byte[] bytes, string role, Func<JsonObject, T> read)
    {
        try
        {
            return Verify(Root);
        }
        catch (TrustException) when (_previousRoot is not null)
        {
            try
            {
                return Verify(_previousRoot);
            }
            catch (TrustException)
            {
                return Verify(Root);    // what the newest root says is the better message
            }
        }

        T Verify(RootMetadata root) => VerifiedRole.Read(bytes, role, root.Roles[role], root.Keys, RoleNames.Root, read);
    }
}
