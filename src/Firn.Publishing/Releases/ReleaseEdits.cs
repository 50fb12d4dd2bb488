using System.Collections.Immutable;
using Firn.Publishing.Drafts;
using Firn.Publishing.Roles;
using Firn.Publishing.Storage;
using Firn.Trust.Metadata;
using Firn.Trust.Releases;

namespace Firn.Publishing.Releases;

/// <summary>Edits of which releases a channel has, and on what terms machines take them.</summary>
public static class ReleaseEdits
{
    /// <param name="files">Gets the release's files, each checked as it is copied.</param>
    /// <param name="terms">Name, version and hardware must be those of <paramref name="content"/>.</param>
    /// <exception cref="RepositoryRefusedException">The version is there with another content: versions never change.</exception>
    /// <exception cref="InvalidDataException">There is no such channel, or a name cannot be part of a path.</exception>
    public static RepositoryDraft Add(
        IRepositoryFiles files, RepositoryDraft draft, string channel, ReleaseContent content, ReleaseTerms terms, CancellationToken cancellation)
    {
        CheckChannel(draft, channel);
        foreach (var (what, text) in new[] { ("name", content.Name), ("version", content.Version), ("hardware", content.Hardware) }) CheckPathPart(what, text);
        var changed = new Dictionary<string, TargetsMetadata>(StringComparer.Ordinal);
        foreach (var (path, target, part) in content.Files(channel))
        {
            if (part is not null) CheckPathPart("file", part.Name);
            var role = Channels.RoleFor(draft, channel, path, isManifest: part is null);
            var before = changed.GetValueOrDefault(role) ?? draft.Targets(role)!;
            if (before.Targets.TryGetValue(path, out var there) && (there.SizeBytes != target.SizeBytes || !there.Hashes.Equals(target.Hashes)))
                throw new RepositoryRefusedException($"{path}: is there with another content; a version never changes, so give the new one another");
            var listed = part is null ? target with { Custom = terms.ToCustom() } : target;
            changed[role] = before with { Targets = before.Targets.SetItem(path, listed) };
        }
        content.CopyTo(files, channel, cancellation);
        return draft.With(changed.Select(entry => (entry.Key, (RoleMetadata)entry.Value)));
    }

    /// <summary>Changes the terms of releases: one role to sign, no new file.</summary>
    public static RepositoryDraft Change(RepositoryDraft draft, ImmutableArray<ListedRelease> releases, Func<ReleaseTerms, ReleaseTerms> change) =>
        draft.With(releases.GroupBy(release => release.Channel).Select(group => (group.Key, (RoleMetadata)group.Aggregate(
            draft.Targets(group.Key)!,
            (role, release) => role with
            {
                Targets = role.Targets.SetItem(release.Path, role.Targets[release.Path] with { Custom = change(release.Terms).ToCustom() }),
            }))));

    /// <summary>Takes releases out; their files stay where they are.</summary>
    public static RepositoryDraft Remove(RepositoryDraft draft, ImmutableArray<ListedRelease> releases)
    {
        var changed = new Dictionary<string, TargetsMetadata>(StringComparer.Ordinal);
        foreach (var release in releases)
            foreach (var role in draft.Authorities.Values.Where(role => role.Role == release.Channel || role.Delegator == release.Channel))
            {
                var before = changed.GetValueOrDefault(role.Role) ?? draft.Targets(role.Role)!;
                var gone = before.Targets.Keys.Where(path => path.StartsWith($"{release.Directory}/", StringComparison.Ordinal)).ToArray();
                if (gone.Length > 0) changed[role.Role] = before with { Targets = before.Targets.RemoveRange(gone) };
            }
        return draft.With(changed.Select(entry => (entry.Key, (RoleMetadata)entry.Value)));
    }

    private static void CheckChannel(RepositoryDraft draft, string channel)
    {
        if (draft.Authorities.ContainsKey(channel) && channel != RoleNames.Targets) return;
        var others = draft.Authorities.Values.Where(role => role.Delegator == RoleNames.Targets).Select(role => role.Role).ToArray();
        throw new InvalidDataException(
            $"{channel}: no such channel; {(others.Length == 0 ? $"'firn repo delegate {channel}' makes it" : $"there are {string.Join(", ", others)}")}");
    }

    /// <summary>What stands in paths and URLs as it is, on every host and file system.</summary>
    private static void CheckPathPart(string what, string text)
    {
        if (text.Length is 0 or > 128 || text is "." or ".."
            || !text.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-' or '+' or '~'))
            throw new InvalidDataException($"{what} '{text}': only letters, digits and ._-+~ can be part of a path in a repository");
    }
}
