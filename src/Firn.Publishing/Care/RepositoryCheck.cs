using System.Collections.Immutable;
using Firn.Publishing.Destinations;
using Firn.Publishing.Storage;
using Firn.Trust;
using Firn.Trust.Client;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Care;

/// <summary>What is wrong with a repository.</summary>
/// <param name="Name">Which.</param>
/// <param name="Roles">How many were verified.</param>
/// <param name="Targets">How many files were verified.</param>
/// <param name="TargetBytes">How much that was.</param>
/// <param name="Problems">One sentence each: which role or file, what was expected, what was found.</param>
public sealed record RepositoryReport(string Name, int Roles, int Targets, long TargetBytes, ImmutableArray<string> Problems)
{
    public bool IsSound => Problems.IsEmpty;
}

/// <summary>Reads a whole repository as a machine would, and goes on after a problem.</summary>
public static class RepositoryCheck
{
    /// <param name="files">Where it is.</param>
    /// <param name="trusted">A root that it must descend from; null to begin with its own.</param>
    /// <param name="now">For expiry.</param>
    /// <param name="readsTargets">Whether to read the targets too, or metadata alone.</param>
    public static async Task<RepositoryReport> RunAsync(
        IRepositoryFiles files, MetadataFile? trusted, DateTimeOffset now, bool readsTargets, IProgress<PublishProgress>? progress,
        CancellationToken cancellation)
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        int roles = 0, targets = 0;
        var bytes = 0L;
        if (!Try(() => PublishedRepository.Read(files, trusted), out var repository)) return Report();
        if (repository is not { Timestamp: { } timestamp, Snapshot: { } snapshot })
        {
            problems.Add($"{files.Name}: nothing is published");
            return Report();
        }
        if (!repository.IsSignedFor(repository.Root))
            problems.Add($"timestamp: not signed by the keys of root {repository.Root.Version}: a rotation was not finished, 'firn repo publish' goes on");
        CheckExpiry(repository.Root, RoleNames.Root);
        CheckExpiry(timestamp, RoleNames.Timestamp);
        CheckExpiry(snapshot, RoleNames.Snapshot);
        roles = 3;
        if (!Try(() => repository.Authorities, out var authorities)) return Report();
        foreach (var role in authorities!.Keys)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!Try(() => repository.Targets(role), out var content)) continue;
            if (content is null)
            {
                problems.Add($"{role}: is delegated to, and snapshot {snapshot.Version} does not list it");
                continue;
            }
            roles++;
            if (content.Version != repository.VersionOf(role)) problems.Add($"{role}: is version {content.Version}, snapshot says {repository.VersionOf(role)}");
            CheckExpiry(content, role);
            if (!readsTargets) continue;
            foreach (var (path, target) in content.Targets)
            {
                progress?.Report(new(path, target.SizeBytes));
                await CheckTargetAsync(path, target);
            }
        }
        return Report();

        RepositoryReport Report() => new(files.Name, roles, targets, bytes, problems.ToImmutable());

        void CheckExpiry(RoleMetadata metadata, string role) => Try(() =>
        {
            VerifiedRole.RequireCurrent(metadata, role, now);
            return true;
        }, out _);

        async Task CheckTargetAsync(string path, TargetFile target)
        {
            try
            {
                var place = RepositoryPaths.Of(path, target);
                await using var stream = new VerifyingStream(files.Open(place) ?? throw new FileNotFoundException($"{place}: is not there"), target, path);
                await stream.CopyToAsync(Stream.Null, 1 << 20, cancellation);
                targets++;
                bytes += target.SizeBytes;
            }
            catch (Exception error) when (error is TrustException or IOException)
            {
                problems.Add(error.Message);
            }
        }

        bool Try<T>(Func<T> act, out T? value)
        {
            value = default;
            try
            {
                value = act();
                return true;
            }
            catch (Exception error) when (error is TrustException or InvalidDataException or IOException)
            {
                problems.Add(error.Message);
                return false;
            }
        }
    }
}
