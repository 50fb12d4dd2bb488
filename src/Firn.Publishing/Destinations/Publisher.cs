using Firn.Publishing.Drafts;
using Firn.Publishing.Storage;
using Firn.Trust.Client;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Destinations;

/// <param name="Destination">Where to.</param>
/// <param name="Files">How many had to be copied.</param>
/// <param name="SizeBytes">How much that was.</param>
/// <param name="Skipped">How many were there already.</param>
/// <param name="TimestampVersion">What machines see now.</param>
public sealed record PublishResult(string Destination, int Files, long SizeBytes, int Skipped, long TimestampVersion);

/// <param name="ChecksAll">Asks for every file whether it is there, also where the destination's timestamp says so.</param>
/// <param name="Overwrites">Replaces what an unfinished publication from another copy left behind.</param>
public sealed record PublishOptions(bool ChecksAll, bool Overwrites);

/// <summary>
/// Copies what is published to where machines fetch it: payloads, delegated roles, targets, snapshot, root, and timestamp
/// last. Whenever it is stopped, machines find the old repository or the new one; the next run goes on.
/// </summary>
public static class Publisher
{
    /// <param name="repository">What to copy.</param>
    /// <param name="source">Its files; every target is verified while it is copied.</param>
    /// <param name="destination">Where to.</param>
    /// <exception cref="RepositoryRefusedException">What is there was published from another copy, and would be lost.</exception>
    public static async Task<PublishResult> CopyAsync(
        PublishedRepository repository, IRepositoryFiles source, IPublishDestination destination, PublishOptions options,
        IProgress<PublishProgress>? progress, CancellationToken cancellation)
    {
        if (repository.Timestamp is not { } timestamp)
            throw new RepositoryRefusedException($"{source.Name}: nothing was published yet");
        var there = await destination.ReadAsync(RepositoryPaths.Timestamp, cancellation);
        var known = there is null ? [] : KnownFiles(there, source, destination.Name);
        int copied = 0, skipped = 0;
        var copiedBytes = 0L;
        foreach (var file in repository.Files())
        {
            cancellation.ThrowIfCancellationRequested();
            if (await IsThereAsync(file))
            {
                skipped++;
                continue;
            }
            progress?.Report(new(file.Path, file.Content.SizeBytes));
            await destination.WriteAsync(
                file, () => Open(source, file), file.Kind == PublishedKind.Timestamp ? there : null, cancellation);
            copied++;
            copiedBytes += file.Content.SizeBytes;
        }
        return new(destination.Name, copied, copiedBytes, skipped, timestamp.Version);

        async Task<bool> IsThereAsync(PublishedFile file)
        {
            if (file.Kind == PublishedKind.Timestamp) return there is not null && FileHashes.Of(there).Equals(file.Content.Hashes);
            if (!options.ChecksAll && known.Contains(file.Path)) return true;
            if (file.Kind == PublishedKind.Target) return await destination.SizeOfAsync(file.Path, cancellation) == file.Content.SizeBytes;
            if (await destination.ReadAsync(file.Path, cancellation) is not { } bytes) return false;
            if (FileHashes.Of(bytes).Equals(file.Content.Hashes)) return true;
            return options.Overwrites ? false : throw new RepositoryRefusedException(
                $"{destination.Name}: {file.Path} is there with another content: someone has published, or begun to, from another copy of the repository; "
                + "'firn repo pull' brings here what was finished, and --overwrite goes on where another copy broke off for good");
        }
    }

    /// <summary>Before anything is published here: whether it could be copied there afterwards.</summary>
    /// <exception cref="RepositoryRefusedException">Somebody has published there since, from another copy.</exception>
    public static async Task RequireUnchangedAsync(IRepositoryFiles source, IPublishDestination destination, CancellationToken cancellation)
    {
        if (await destination.ReadAsync(RepositoryPaths.Timestamp, cancellation) is not { } there || source.Read(RepositoryPaths.Timestamp) is not { } here) return;
        RequireUnchanged(there, here, source, destination.Name);
    }

    /// <summary>Whether what is published there is what this copy was, or is.</summary>
    internal static bool IsOlder(byte[] there, byte[] here, IRepositoryFiles source)
    {
        var theirs = TimestampMetadata.Read(MetadataFile.Read(there).Signed);
        var ours = TimestampMetadata.Read(MetadataFile.Read(here).Signed);
        if (theirs.Version > ours.Version || (theirs.Version == ours.Version && !there.AsSpan().SequenceEqual(here))) return false;
        // a copy that went its own way may have come further: then it had another snapshot of that version
        return source.Read(RepositoryPaths.Of(RoleNames.Snapshot, theirs.Snapshot.Version)) is not { } snapshot
            || theirs.Snapshot.Hashes?.Equals(FileHashes.Of(snapshot)) != false;
    }

    private static TimestampMetadata RequireUnchanged(byte[] there, byte[] here, IRepositoryFiles source, string name)
    {
        var theirs = TimestampMetadata.Read(MetadataFile.Read(there).Signed);
        var ours = TimestampMetadata.Read(MetadataFile.Read(here).Signed);
        if (!IsOlder(there, here, source))
            throw new RepositoryRefusedException(
                $"{name}: timestamp {theirs.Version} is published there, and this copy of the repository has "
                + $"{(theirs.Version > ours.Version ? "" : "another ")}{Math.Min(theirs.Version, ours.Version)}: "
                + "someone has published from another copy; 'firn repo pull' brings that here and puts what is staged on top of it, then publish again");
        return theirs;
    }

    /// <summary>
    /// What must be there, for a timestamp is published last: the files of every role that has not changed since, and those
    /// of its older version, as far as this copy still has it.
    /// </summary>
    private static HashSet<string> KnownFiles(byte[] there, IRepositoryFiles source, string name)
    {
        var theirs = RequireUnchanged(there, source.Read(RepositoryPaths.Timestamp)!, source, name);
        var known = new HashSet<string>(StringComparer.Ordinal);
        if (source.Read(RepositoryPaths.Of(RoleNames.Snapshot, theirs.Snapshot.Version)) is not { } bytes) return known;
        known.Add(RepositoryPaths.Of(RoleNames.Snapshot, theirs.Snapshot.Version));
        foreach (var (meta, listed) in SnapshotMetadata.Read(MetadataFile.Read(bytes).Signed).Meta)
        {
            var path = RepositoryPaths.Of(meta[..^".json".Length], listed.Version);
            if (source.Read(path) is not { } role || listed.Hashes?.Equals(FileHashes.Of(role)) != true) continue;
            known.Add(path);
            foreach (var (target, file) in TargetsMetadata.Read(MetadataFile.Read(role).Signed).Targets) known.Add(RepositoryPaths.Of(target, file));
        }
        return known;
    }

    internal static VerifyingStream Open(IRepositoryFiles source, PublishedFile file) => new(
        source.Open(file.Path) ?? throw new FileNotFoundException($"{source.Name}: {file.Path} is not there"), file.Content, file.Path);
}

/// <param name="Path">The file that is being copied.</param>
/// <param name="SizeBytes">Of it.</param>
public sealed record PublishProgress(string Path, long SizeBytes);
