using System.Collections.Immutable;
using Firn.Publishing.Drafts;
using Firn.Trust.Releases;

namespace Firn.Publishing.Releases;

/// <summary>A release that a channel lists.</summary>
/// <param name="Channel">The role that lists it.</param>
/// <param name="Path">Of its manifest.</param>
/// <param name="Terms">Whom it is for.</param>
public sealed record ListedRelease(string Channel, string Path, ReleaseTerms Terms)
{
    public string Directory => Path[..Path.LastIndexOf('/')];

    /// <summary>All releases of all channels, in the order of their paths.</summary>
    /// <exception cref="InvalidDataException">A release's terms cannot be understood.</exception>
    public static ImmutableArray<ListedRelease> All(RepositoryDraft draft) =>
    [
        .. from authority in draft.Authorities.Values
           where !authority.IsBin && draft.Targets(authority.Role) is not null
           from target in draft.Targets(authority.Role)!.Targets
           where target.Key.EndsWith($"/{ReleaseContent.ManifestName}", StringComparison.Ordinal)
           let terms = ReleaseTerms.Read(target.Value.Custom)
           where terms is not null
           orderby target.Key
           select new ListedRelease(authority.Role, target.Key, terms),
    ];

    /// <param name="reference"><c>CHANNEL/VERSION</c> for every hardware, or <c>CHANNEL/NAME-VERSION-HARDWARE</c> for one.</param>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static ImmutableArray<ListedRelease> Find(RepositoryDraft draft, string reference)
    {
        var all = All(draft);
        var found = all.Where(release => release.Directory == reference || $"{release.Channel}/{release.Terms.Version}" == reference).ToImmutableArray();
        if (!found.IsEmpty) return found;
        var channel = reference.Split('/')[0];
        var others = all.Where(release => release.Channel == channel).Select(release => $"{channel}/{release.Terms.Version}").Distinct().ToArray();
        throw new InvalidDataException(
            $"{reference}: no such release; {(others.Length == 0 ? "expected CHANNEL/VERSION" : $"there are {string.Join(", ", others)}")}");
    }
}
