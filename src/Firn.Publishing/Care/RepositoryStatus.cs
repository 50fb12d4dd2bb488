using System.Collections.Immutable;
using Firn.Publishing.Drafts;
using Firn.Publishing.Roles;
using Firn.Publishing.Storage;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Care;

public enum Freshness
{
    Fresh,

    /// <summary>Someone should sign it anew.</summary>
    ExpiresSoon,

    /// <summary>Machines refuse it.</summary>
    Expired,

    /// <summary>Nothing of it is published yet.</summary>
    Unpublished,
}

/// <param name="Id">As the role names it.</param>
/// <param name="Name">Of its file, if it is at hand.</param>
/// <param name="HasSigned">What is staged; null if nothing of the role is.</param>
public sealed record KeyStatus(string Id, string? Name, bool? HasSigned);

/// <param name="Role">Its name; bins are one entry for all of them.</param>
/// <param name="Version">Published; 0 for none.</param>
/// <param name="Expires">Null while nothing is published.</param>
/// <param name="Freshness">By when someone has to do something.</param>
/// <param name="Threshold">How many keys must sign.</param>
/// <param name="Keys">Who may sign.</param>
/// <param name="StagedVersion">Null if nothing is staged.</param>
/// <param name="MissingSignatures">Before what is staged can be published.</param>
public sealed record RoleStatus(
    string Role, long Version, DateTimeOffset? Expires, Freshness Freshness, int Threshold, ImmutableArray<KeyStatus> Keys,
    long? StagedVersion, int MissingSignatures);

/// <summary>What expires when, who may sign what, and what waits for whom.</summary>
public sealed record RepositoryStatus(string Name, ImmutableArray<RoleStatus> Roles)
{
    /// <summary>Expires soon: this share of its life is left.</summary>
    private const double LastPart = 1 / 3.0;

    public Freshness Worst => Roles.Max(role => role.Freshness);

    /// <param name="warnBefore">Expires soon: less than this is left; null for a third of the role's life.</param>
    public static RepositoryStatus Of(string name, RepositoryDraft draft, KeyRing ring, TimeSpan? warnBefore)
    {
        var authorities = ((ReadOnlySpan<string>)[RoleNames.Root, RoleNames.Timestamp, RoleNames.Snapshot]).ToArray()
            .Select(role => RoleAuthority.Of(draft.Root, role)).Concat(draft.Authorities.Values.Where(authority => !authority.IsBin)).ToArray();
        var bins = draft.Authorities.Values.Where(authority => authority.IsBin).GroupBy(authority => authority.Delegator)
            .Select(group => OfBins(draft, ring, warnBefore, [.. group]));
        return new(name, [.. authorities.Select(authority => OfRole(draft, ring, warnBefore, authority)), .. bins]);
    }

    private static RoleStatus OfRole(RepositoryDraft draft, KeyRing ring, TimeSpan? warnBefore, RoleAuthority authority)
    {
        var role = authority.Role;
        var expires = ExpiryOf(draft.Published, role);
        var staged = draft.Staged.Roles.GetValueOrDefault(role);
        // a new root needs the old one's keys as well
        var signers = role == RoleNames.Root ? draft.SignersOf(role) : [authority];
        var missing = staged is null ? 0 : signers.Max(entry => Math.Max(0, entry.Keys.Threshold - entry.Check(staged).ValidCount));
        var keys = signers.SelectMany(entry => entry.Keys.KeyIds.Select(id => (Id: id, Key: entry.Described.GetValueOrDefault(id)))).DistinctBy(entry => entry.Id);
        return new(
            role, draft.Published?.VersionOf(role) ?? 0, expires, FreshnessOf(expires, role, draft, warnBefore), authority.Keys.Threshold,
            [.. keys.Select(entry => new KeyStatus(entry.Id, entry.Key is null ? null : ring.NameOf(entry.Key), HasSigned(staged, signers, entry.Id)))],
            staged is null ? null : StagedEdit.Parse(role, staged).Version, missing);
    }

    /// <summary>Many roles with the same keys: the one that expires first stands for all.</summary>
    private static RoleStatus OfBins(RepositoryDraft draft, KeyRing ring, TimeSpan? warnBefore, RoleAuthority[] bins)
    {
        var all = bins.Select(bin => OfRole(draft, ring, warnBefore, bin)).ToArray();
        var first = all.MinBy(bin => bin.Expires ?? DateTimeOffset.MinValue)!;
        return first with
        {
            Role = $"{bins[0].Role}…{bins[^1].Role} ({bins.Length})",
            StagedVersion = all.Max(bin => bin.StagedVersion),
            MissingSignatures = all.Max(bin => bin.MissingSignatures),
        };
    }

    private static bool? HasSigned(MetadataFile? staged, ImmutableArray<RoleAuthority> signers, string id) => staged is null
        ? null
        : signers.Any(entry => entry.Check(staged).Verdicts.Any(verdict => verdict.KeyId == id && verdict.Verdict == SignatureVerdict.Valid));

    private static DateTimeOffset? ExpiryOf(PublishedRepository? published, string role) => role switch
    {
        RoleNames.Root => published?.Root.Expires,
        RoleNames.Timestamp => published?.Timestamp?.Expires,
        RoleNames.Snapshot => published?.Snapshot?.Expires,
        _ => published?.Targets(role)?.Expires,
    };

    private static Freshness FreshnessOf(DateTimeOffset? expires, string role, RepositoryDraft draft, TimeSpan? warnBefore)
    {
        if (expires is not { } time) return Freshness.Unpublished;
        var left = time - draft.Now;
        if (left <= TimeSpan.Zero) return Freshness.Expired;
        return left < (warnBefore ?? draft.Settings.LifetimeOf(role) * LastPart) ? Freshness.ExpiresSoon : Freshness.Fresh;
    }
}
