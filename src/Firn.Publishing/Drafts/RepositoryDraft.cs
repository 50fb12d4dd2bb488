using System.Collections.Immutable;
using Firn.Publishing.Roles;
using Firn.Publishing.Storage;
using Firn.Trust.Metadata;

namespace Firn.Publishing.Drafts;

/// <summary>A repository as it will be: what is published, and over it what is staged. A value; editing makes another.</summary>
public sealed class RepositoryDraft
{
    private readonly RepositorySettings _settings;
    private readonly DateTimeOffset _now;
    private readonly Lazy<Dictionary<string, RoleAuthority>> _authorities;

    /// <param name="published">Null if nothing is.</param>
    /// <param name="staged">Of roles that follow the published ones.</param>
    /// <param name="settings">For lifetimes.</param>
    /// <param name="now">When new versions begin to live.</param>
    public RepositoryDraft(PublishedRepository? published, StagedEdit staged, RepositorySettings settings, DateTimeOffset now)
    {
        (Published, Staged, _settings, _now) = (published, staged, settings, now);
        _authorities = new(() => RoleTree.Walk(Root, authority => Targets(authority.Role)));
    }

    public PublishedRepository? Published { get; }
    public StagedEdit Staged { get; }
    public RepositorySettings Settings => _settings;
    public DateTimeOffset Now => _now;

    public RootMetadata Root => Staged.Roles.TryGetValue(RoleNames.Root, out var staged)
        ? RootMetadata.Read(staged.Signed)
        : Published?.Root ?? throw new InvalidOperationException("a repository without a root");

    /// <summary>What a role that speaks for targets will say; null if there is no such role.</summary>
    public TargetsMetadata? Targets(string role) => Staged.Roles.TryGetValue(role, out var staged)
        ? TargetsMetadata.Read(staged.Signed)
        : Published?.Targets(role);

    /// <summary>Every role that will speak for targets.</summary>
    public IReadOnlyDictionary<string, RoleAuthority> Authorities => _authorities.Value;

    /// <summary>Who must sign a role. Root, and top-level roles that root gives new keys, need the old and the new ones.</summary>
    public ImmutableArray<RoleAuthority> SignersOf(string role)
    {
        if (!RoleNames.IsTopLevel(role)) return [Authorities[role]];
        var now = RoleAuthority.Of(Root, role);
        var before = Published is null || !Staged.Roles.ContainsKey(RoleNames.Root) ? null : RoleAuthority.Of(Published.Root, role);
        return before is null || before.Keys.Equals(now.Keys) ? [now] : [now, before with { Delegator = "the root before" }];
    }

    /// <summary>When a new version of a role expires: whole seconds, UTC.</summary>
    public DateTimeOffset ExpiryOf(string role)
    {
        var time = (_now + _settings.LifetimeOf(role)).ToUniversalTime();
        return new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
    }

    /// <summary>With a new version of a role, or of several, unsigned; it follows the published one, however often it is edited.</summary>
    public RepositoryDraft With(params IEnumerable<(string Role, RoleMetadata Content)> changes)
    {
        var staged = Staged.Roles.ToBuilder();
        foreach (var (role, content) in changes)
            staged[role] = MetadataFile.Of(content with { Version = NextVersion(role), Expires = ExpiryOf(role) });
        return With(new StagedEdit(staged.ToImmutable()));
    }

    public RepositoryDraft With(StagedEdit staged) => new(Published, staged, _settings, _now);

    public long NextVersion(string role) => (Published?.VersionOf(role) ?? 0) + 1;
}
