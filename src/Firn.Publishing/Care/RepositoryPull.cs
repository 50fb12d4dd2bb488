using System.Collections.Immutable;
using Firn.Publishing.Destinations;
using Firn.Publishing.Drafts;
using Firn.Publishing.Roles;
using Firn.Publishing.Storage;
using Firn.Trust;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Care;

/// <param name="Source">From where.</param>
/// <param name="TimestampVersion">Of what is published there, and now here.</param>
/// <param name="IsNew">Whether there was anything to bring.</param>
/// <param name="Files">How many payloads were copied.</param>
/// <param name="SizeBytes">How much that was.</param>
public sealed record PullResult(string Source, long TimestampVersion, bool IsNew, int Files, long SizeBytes);

/// <param name="MetadataOnly">Leaves payloads where they are: publishing to the same place again does not need them.</param>
/// <param name="TakesTheirs">Forgets what is staged here, and what was published here only.</param>
public sealed record PullOptions(bool MetadataOnly, bool TakesTheirs);

/// <summary>
/// Brings here what somebody else has published from another copy of the repository, and puts on top of it what was edited
/// here: staged, or published here and refused there.
/// </summary>
public static class RepositoryPull
{
    /// <param name="editor">Of this copy.</param>
    /// <param name="theirs">What is published; believed only if it descends from this copy's first root.</param>
    /// <param name="ring">Signs what is staged anew.</param>
    /// <exception cref="RepositoryRefusedException">Both changed the same thing; nothing was changed here.</exception>
    /// <exception cref="TrustException">What is published is not to be believed.</exception>
    public static async Task<PullResult> RunAsync(
        RepositoryEditor editor, IRepositoryFiles theirs, KeyRing ring, PullOptions options, IProgress<PublishProgress>? progress, CancellationToken cancellation)
    {
        var anchor = editor.Files.Read(RepositoryPaths.Of(RoleNames.Root, 1))
            ?? throw new RepositoryRefusedException($"{editor.Files.Name}: nothing was published from here yet, so there is nothing that others could have changed");
        if (PublishedRepository.Read(theirs, MetadataFile.Read(anchor)) is not { Timestamp: { } timestamp, Snapshot: not null } there)
            throw new RepositoryRefusedException($"{theirs.Name}: nothing is published there");
        var ours = editor.Draft.Published!;
        var isKnown = editor.Files.Read(RepositoryPaths.Timestamp) is { } here && Publisher.IsOlder(theirs.Read(RepositoryPaths.Timestamp)!, here, editor.Files);
        if (isKnown && !options.TakesTheirs)
        {
            editor.Stage(editor.Draft, ring);    // an earlier pull may have been stopped before it signed
            return new(theirs.Name, timestamp.Version, false, 0, 0);
        }

        var staged = options.TakesTheirs ? StagedEdit.None : Rebase(editor, there, theirs);
        var (count, bytes) = options.MetadataOnly ? (0, 0) : await CopyTargetsAsync(there, theirs, editor.Files, progress, cancellation);
        var metadata = there.Files().Where(file => file.Kind != PublishedKind.Target).Select(file => KeyValuePair.Create(file.Path, theirs.Read(file.Path)));
        editor.Replace([.. metadata, .. LeftOver(ours, there)], staged);
        editor.Stage(editor.Draft, ring);
        return new(theirs.Name, timestamp.Version, true, count, bytes);
    }

    /// <summary>Roots that only this copy has would make its chain another one.</summary>
    private static IEnumerable<KeyValuePair<string, byte[]?>> LeftOver(PublishedRepository ours, PublishedRepository there)
    {
        for (var version = there.Root.Version + 1; version <= ours.Root.Version; version++)
            yield return KeyValuePair.Create(RepositoryPaths.Of(RoleNames.Root, version), (byte[]?)null);
    }

    private static StagedEdit Rebase(RepositoryEditor editor, PublishedRepository there, IRepositoryFiles theirs)
    {
        var draft = editor.Draft;
        var before = CommonSnapshot(editor.Files, draft.Published!, theirs);
        var kept = ImmutableSortedDictionary.CreateBuilder<string, MetadataFile>(StringComparer.Ordinal);
        if (RebaseRoot(editor, there, theirs) is { } root) kept.Add(RoleNames.Root, root);
        var edited = new List<(string, RoleMetadata)>();
        foreach (var role in draft.Authorities.Keys)
        {
            if (draft.Targets(role) is not { } content) continue;
            var version = before?.Meta.GetValueOrDefault(RoleNames.MetaName(role))?.Version ?? 0;
            var common = version == 0 ? null : TargetsMetadata.Read(MetadataFile.Read(editor.Files.Read(RepositoryPaths.Of(role, version))
                ?? throw new TrustException(TrustFailure.Missing, role, $"version {version} is not here any more, and what was edited cannot be compared with it")).Signed);
            if (there.VersionOf(role) == version)
            {
                // nobody else touched it: with the signatures that were made
                if (NewVersion(draft, role, version) is { } file) kept.Add(role, file);
            }
            else if (!RoleMerge.AreSame(content, common) && !RoleMerge.AreSame(content, there.Targets(role)))
                edited.Add((role, RoleMerge.Of(role, common, content, there.Targets(role))));
        }
        var rebased = new RepositoryDraft(there, new(kept.ToImmutable()), draft.Settings, draft.Now);
        return rebased.With(edited).Staged;
    }

    /// <summary>What was staged here, or published here alone, as the successor of a version that both have.</summary>
    private static MetadataFile? NewVersion(RepositoryDraft draft, string role, long before)
    {
        var file = draft.Staged.Roles.GetValueOrDefault(role)
            ?? (draft.Published!.VersionOf(role) > before ? MetadataFile.Read(draft.Published.FileOf(role)!) : null);
        if (file is null || StagedEdit.Parse(role, file).Version == before + 1) return file;
        return MetadataFile.Of(StagedEdit.Parse(role, file) with { Version = before + 1 });
    }

    private static MetadataFile? RebaseRoot(RepositoryEditor editor, PublishedRepository there, IRepositoryFiles theirs)
    {
        var draft = editor.Draft;
        var common = there.Root.Version;
        while (common > 0 && !AreSame(editor.Files, theirs, RepositoryPaths.Of(RoleNames.Root, common))) common--;
        if (draft.Root.Version == common || RoleMerge.AreSame(draft.Root, there.Root)) return null;
        if (there.Root.Version == common) return NewVersion(draft, RoleNames.Root, common);
        throw new RepositoryRefusedException(
            $"root: a new one was made here, and another one was published since; 'firn repo pull --theirs' takes that, and forgets every edit made here");
    }

    private static bool AreSame(IRepositoryFiles ours, IRepositoryFiles theirs, string path) =>
        ours.Read(path) is { } bytes && theirs.Read(path)?.AsSpan().SequenceEqual(bytes) == true;

    /// <summary>The newest that both copies have; null if there is none any more.</summary>
    private static SnapshotMetadata? CommonSnapshot(IRepositoryFiles ours, PublishedRepository published, IRepositoryFiles theirs)
    {
        for (var version = published.VersionOf(RoleNames.Snapshot); version > 0; version--)
        {
            var path = RepositoryPaths.Of(RoleNames.Snapshot, version);
            if (AreSame(ours, theirs, path)) return SnapshotMetadata.Read(MetadataFile.Read(ours.Read(path)!).Signed);
        }
        return null;
    }

    private static async Task<(int Count, long Bytes)> CopyTargetsAsync(
        PublishedRepository there, IRepositoryFiles theirs, IRepositoryFiles ours, IProgress<PublishProgress>? progress, CancellationToken cancellation)
    {
        using var here = new DirectoryDestination(ours, null);
        var (count, bytes) = (0, 0L);
        foreach (var file in there.Files().Where(file => file.Kind == PublishedKind.Target && ours.SizeOf(file.Path) != file.Content.SizeBytes))
        {
            progress?.Report(new(file.Path, file.Content.SizeBytes));
            await here.WriteAsync(file, () => Publisher.Open(theirs, file), null, cancellation);
            (count, bytes) = (count + 1, bytes + file.Content.SizeBytes);
        }
        return (count, bytes);
    }
}
