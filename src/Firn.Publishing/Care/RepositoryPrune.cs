using System.Collections.Immutable;
using Firn.Publishing.Destinations;
using Firn.Publishing.Drafts;
using Firn.Publishing.Storage;
using Firn.Trust;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Care;

/// <param name="Name">Where.</param>
/// <param name="IsDryRun">Nothing was removed.</param>
/// <param name="Removed">What nobody names any more, and was, or would be, removed.</param>
/// <param name="SizeBytes">How much that is.</param>
/// <param name="Kept">How many files stay.</param>
public sealed record PruneResult(string Name, bool IsDryRun, ImmutableArray<string> Removed, long SizeBytes, int Kept);

/// <param name="Versions">Of the repository, the newest: what they name stays.</param>
/// <param name="Age">What was published within it stays, and what was written within it: machines and publishers may be at it.</param>
public sealed record PruneOptions(int Versions, TimeSpan Age)
{
    public static PruneOptions Default { get; } = new(2, TimeSpan.FromDays(30));
}

/// <summary>Removes the files of versions that no machine asks for any more. Roots stay for ever: machines follow them one by one.</summary>
public static class RepositoryPrune
{
    /// <param name="place">A repository, where it is worked on or where it was published to.</param>
    /// <param name="staged">Named as well, for it will be published.</param>
    /// <exception cref="TrustException">What is published there is damaged: nothing is removed that might be needed.</exception>
    public static async Task<PruneResult> RunAsync(
        IPublishDestination place, StagedEdit staged, DateTimeOffset now, PruneOptions options, bool isDryRun, CancellationToken cancellation)
    {
        var files = new TransportFiles(new DestinationTransport(place), cancellation);
        if (PublishedRepository.Read(files) is not { Snapshot: not null } published) throw new RepositoryRefusedException($"{place.Name}: nothing is published there");
        var stored = await place.ListAsync(cancellation);
        var named = Named(published, files, Snapshots(published, stored, now - options.Age, options.Versions));
        foreach (var (role, file) in staged.Roles.Where(entry => entry.Key != RoleNames.Root)) AddTargets(named, TargetsMetadata.Read(file.Signed));

        var gone = stored.Where(file => IsOurs(file.Path) && !named.Contains(file.Path) && file.Written < now - options.Age)
            .OrderBy(file => file.Path, StringComparer.Ordinal).ToImmutableArray();    // metadata before what it names
        if (!isDryRun)
            foreach (var file in gone) await place.RemoveAsync(file.Path, cancellation);
        return new(place.Name, isDryRun, [.. gone.Select(file => file.Path)], gone.Sum(file => file.SizeBytes), stored.Count - gone.Length);
    }

    /// <summary>The newest ones, those that were written since, and the one that machines saw then.</summary>
    private static IEnumerable<long> Snapshots(PublishedRepository published, IReadOnlyList<StoredFile> stored, DateTimeOffset since, int count)
    {
        var files = stored.ToDictionary(file => file.Path);
        var isOver = false;
        for (var version = published.VersionOf(RoleNames.Snapshot); version > 0; version--)
        {
            var isOld = !files.TryGetValue(RepositoryPaths.Of(RoleNames.Snapshot, version), out var file) || file.Written < since;
            if (!isOver || count > 0) yield return version;
            else if (isOld) yield break;
            isOver |= isOld;
            count--;
        }
    }

    private static HashSet<string> Named(PublishedRepository published, IRepositoryFiles files, IEnumerable<long> snapshots)
    {
        var named = published.Files().Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var path in snapshots.Select(version => RepositoryPaths.Of(RoleNames.Snapshot, version)))
        {
            if (!named.Add(path) && path != RepositoryPaths.Of(RoleNames.Snapshot, published.VersionOf(RoleNames.Snapshot))) continue;
            if (files.Read(path) is not { } bytes) continue;    // it was removed before
            foreach (var (meta, listed) in SnapshotMetadata.Read(MetadataFile.Read(bytes).Signed).Meta)
                if (RepositoryPaths.Of(meta[..^".json".Length], listed.Version) is var role && named.Add(role) && files.Read(role) is { } content)
                    AddTargets(named, TargetsMetadata.Read(MetadataFile.Read(content).Signed));
        }
        return named;
    }

    private static void AddTargets(HashSet<string> named, TargetsMetadata role)
    {
        foreach (var (path, target) in role.Targets) named.Add(RepositoryPaths.Of(path, target));
    }

    /// <summary>By its name: <c>N.ROLE.json</c> but no root, or <c>HASH.FILE</c>. What others put there stays.</summary>
    private static bool IsOurs(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        var dot = name.IndexOf('.');
        if (dot <= 0) return false;
        var (first, rest) = (name[..dot], name[(dot + 1)..]);
        return path.StartsWith($"{RepositoryPaths.Targets}/", StringComparison.Ordinal)
            ? first.Length is 64 or 128 && first.All(char.IsAsciiHexDigitLower)
            : first.All(char.IsAsciiDigit) && rest != $"{RoleNames.Root}.json"
                && (rest.EndsWith(".json", StringComparison.Ordinal) || rest.EndsWith(".json.new", StringComparison.Ordinal));
    }
}
