using System.Collections.Immutable;
using Firn.Linux.Files;
using Firn.Publishing.Care;
using Firn.Publishing.Roles;
using Firn.Publishing.Storage;
using Firn.Trust;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Drafts;

/// <summary>
/// A repository that is worked on, by one at a time. Edits are staged; publishing makes what is staged and signed the
/// repository. Whenever it is stopped, machines see the old repository or the new one.
/// </summary>
public sealed class RepositoryEditor : IDisposable
{
    private readonly FileLock? _lock;
    private readonly TimeProvider _clock;

    private RepositoryEditor(IRepositoryFiles files, TimeProvider clock, FileLock? fileLock)
    {
        (Files, _clock, _lock) = (files, clock, fileLock);
        PendingChange.Finish(files);
        Settings = ReadSettings(files);
        Draft = ReadDraft();
    }

    public IRepositoryFiles Files { get; }

    public RepositorySettings Settings { get; }

    public RepositoryDraft Draft { get; private set; }

    /// <exception cref="RepositoryRefusedException">Someone else is at it, or what is staged cannot follow what was published since.</exception>
    /// <exception cref="InvalidDataException">There is no repository, or a file of it is damaged.</exception>
    /// <exception cref="TrustException">A file is not what signed metadata says.</exception>
    public static RepositoryEditor Open(string directory, TimeProvider clock)
    {
        if (!IsAt(directory)) throw NoRepository(directory);
        var fileLock = RepositoryLock.Take(directory, RepositoryPaths.Lock, "another firn is working on this repository");
        try
        {
            return new(new DirectoryFiles(directory), clock, fileLock);
        }
        catch
        {
            fileLock.Dispose();
            throw;
        }
    }

    /// <summary>Without a lock: for files that nobody else can reach.</summary>
    internal static RepositoryEditor Open(IRepositoryFiles files, TimeProvider clock) => new(files, clock, null);

    public static bool IsAt(string directory) => File.Exists(Path.Combine(directory, RepositoryPaths.Settings));

    /// <exception cref="RepositoryRefusedException">There is a repository in the directory.</exception>
    public static void RequireNone(string directory)
    {
        if (IsAt(directory))
            throw new RepositoryRefusedException($"{directory}: there is a repository already");
    }

    /// <summary>Begins a repository, where none is: settings last, for without them there is none.</summary>
    public static void Create(IRepositoryFiles files, RepositorySettings settings, RootMetadata root, TargetsMetadata targets, TimeProvider clock)
    {
        var empty = new RepositoryDraft(null, StagedEdit.None, settings, clock.GetUtcNow());
        var draft = empty.With((RoleNames.Root, root), (RoleNames.Targets, targets));
        files.Write(RepositoryPaths.Staged, draft.Staged.ToBytes());
        files.Write(RepositoryPaths.Settings, settings.ToBytes());
    }

    /// <summary>Keeps an edit for publishing, with the signatures that the keys at hand can give.</summary>
    public ImmutableArray<SignatureMade> Stage(RepositoryDraft draft, KeyRing ring)
    {
        var signed = RoleSigning.Sign(draft, ring, out var made);
        if (ReferenceEquals(signed, Draft)) return made;
        Files.Write(RepositoryPaths.Staged, signed.Staged.ToBytes());
        Draft = signed;
        return made;
    }

    /// <summary>Forgets what is staged.</summary>
    /// <exception cref="RepositoryRefusedException">Nothing was published yet: there would be no repository left.</exception>
    public void Discard()
    {
        if (Draft.Published is null) throw new RepositoryRefusedException($"{Files.Name}: nothing was published yet, so what is staged is all there is");
        Files.Remove(RepositoryPaths.Staged);
        Draft = ReadDraft();
    }

    /// <summary>Puts another published repository in the place of this one's, and what is staged on top of it; as a whole or not at all.</summary>
    internal void Replace(IEnumerable<KeyValuePair<string, byte[]?>> metadata, StagedEdit staged)
    {
        var edit = KeyValuePair.Create(RepositoryPaths.Staged, staged.IsEmpty ? null : staged.ToBytes());
        new PendingChange(metadata.Append(edit).ToImmutableSortedDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal)).Apply(Files);
        Draft = ReadDraft();
    }

    /// <summary>Makes what is staged the repository.</summary>
    /// <returns>What was written; nothing if there was nothing to publish.</returns>
    /// <exception cref="TrustException">Signatures are missing.</exception>
    public Publication Publish(KeyRing ring)
    {
        var publication = Publication.Of(Draft, ring);
        Write(publication);
        if (!Draft.Staged.IsEmpty || Files.SizeOf(RepositoryPaths.Staged) is not null) Files.Remove(RepositoryPaths.Staged);
        Draft = ReadDraft();
        return publication;
    }

    /// <summary>Signs the timestamp anew, and with it what else is due; what is staged stays staged.</summary>
    /// <param name="timestampOnly">Nothing but the timestamp.</param>
    /// <returns>What was written.</returns>
    /// <exception cref="TrustException">The keys at hand cannot sign it.</exception>
    public Publication Renew(KeyRing ring, bool timestampOnly)
    {
        if (Draft.Published?.Snapshot is not { } snapshot) throw new RepositoryRefusedException($"{Files.Name}: nothing was published yet");
        var due = timestampOnly ? [] : RepositoryRenewal.Due(Draft, ring);
        var draft = RoleSigning.Sign(RepositoryRenewal.Stage(Draft.With(StagedEdit.None), due), ring, out _);
        var publication = Publication.Of(
            draft, ring, renewsTimestamp: true, renewsSnapshot: !timestampOnly && RepositoryRenewal.IsDue(draft, RoleNames.Snapshot, snapshot));
        Write(publication);
        Draft = ReadDraft();
        return publication;
    }

    private void Write(Publication publication)
    {
        foreach (var write in publication.Writes) Files.Write(write.Path, write.Content);
    }

    private RepositoryDraft ReadDraft()
    {
        var published = PublishedRepository.Read(Files);
        var staged = Files.Read(RepositoryPaths.Staged) is { } bytes ? StagedEdit.Read(bytes, $"{Files.Name}/{RepositoryPaths.Staged}") : StagedEdit.None;
        if (published is null && staged.IsEmpty)
            throw new InvalidDataException($"{Files.Name}: neither published nor staged metadata is there");
        return new(published, new(staged.Roles.RemoveRange(staged.Roles.Keys.Where(role => IsPublished(published, role, staged.Roles[role])))), Settings, _clock.GetUtcNow());
    }

    /// <summary>Publishing may have broken off after it, before the staged file was removed.</summary>
    private bool IsPublished(PublishedRepository? published, string role, MetadataFile staged)
    {
        var version = StagedEdit.Parse(role, staged).Version;
        var there = published?.VersionOf(role) ?? 0;
        if (version == there + 1) return false;
        if (version == there && MetadataFile.Read(published!.FileOf(role)!).Signed.Equals(staged.Signed)) return true;
        throw new RepositoryRefusedException(
            $"{role}: version {version} is staged, and version {there} was published meanwhile: remove {Files.Name}/{RepositoryPaths.Staged} and edit again");
    }

    private static RepositorySettings ReadSettings(IRepositoryFiles files)
    {
        var bytes = files.Read(RepositoryPaths.Settings) ?? throw NoRepository(files.Name);
        try
        {
            return RepositorySettings.Read(bytes);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{files.Name}/{RepositoryPaths.Settings}: {error.Message}", error);
        }
    }

    private static InvalidDataException NoRepository(string name) =>
        new($"{name}: no repository: no {RepositoryPaths.Settings} in it; 'firn repo init' makes one");

    public void Dispose() => _lock?.Dispose();
}
