using System.Collections.Immutable;
using Firn.Publishing.Drafts;
using Firn.Publishing.Releases;
using Firn.Publishing.Roles;
using Firn.Publishing.Storage;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;

namespace Firn.Tests.Trust.Publishing;

/// <summary>People who look after a repository: their keys, and what they do to it.</summary>
internal sealed class TestPublisher
{
    public static readonly DateTimeOffset Now = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, PrivateKey> _keys = [];

    public FixedClock Clock { get; } = new(Now);

    /// <summary>A key by its name, made when it is first asked for.</summary>
    public PrivateKey Key(string name) => _keys.TryGetValue(name, out var key) ? key : _keys[name] = TestKeys.Take(1)[0];

    /// <summary>The keys on one desk.</summary>
    public KeyRing Ring(params string[] names) => new(
        (names.Length == 0 ? [.. _keys.Keys] : names).Select(name => new KeyFile($"{name}.key", Key(name).PublicKey, Key(name).ToPem(null), null)),
        path => throw new InvalidOperationException($"{path} has no passphrase"));

    public KeyChoice Choice(int threshold, params string[] names) => new([.. names.Select(name => Key(name).PublicKey)], threshold);

    public RepositoryEditor Open(IRepositoryFiles files) => RepositoryEditor.Open(files, Clock);

    /// <summary>A repository with root 2 of 3 and a channel "stable", published, and a first release in it.</summary>
    public MemoryFiles NewRepository(int binBits = 0)
    {
        var files = new MemoryFiles();
        Init(files);
        using var editor = Open(files);
        editor.Stage(Channels.Delegate(editor.Draft, "stable", Choice(1, "stable"), binBits), Ring());
        Add(editor, "1.0");
        editor.Publish(Ring());
        return files;
    }

    public void Init(MemoryFiles files) => RepositoryEditor.Create(
        files, new(), KeyRoles.NewRoot(new Dictionary<string, KeyChoice>
        {
            [RoleNames.Root] = Choice(2, "root-1", "root-2", "root-3"),
            [RoleNames.Targets] = Choice(1, "targets"),
            [RoleNames.Snapshot] = Choice(1, "snapshot"),
            [RoleNames.Timestamp] = Choice(1, "timestamp"),
        }), KeyRoles.NewTargets(), Clock);

    public void Add(RepositoryEditor editor, string version, params string[] keys)
    {
        var content = Release(version);
        editor.Stage(ReleaseEdits.Add(editor.Files, editor.Draft, "stable", content, Terms(version), default), Ring(keys));
    }

    /// <summary>A release with nothing but a manifest: files come with the tests of directories.</summary>
    public static ReleaseContent Release(string version) => new("box", version, "pc", [.. "{}"u8, .. System.Text.Encoding.UTF8.GetBytes(version)], []);

    public static Firn.Trust.Releases.ReleaseTerms Terms(string version) => new() { Name = "box", Version = version, Hardware = "pc" };

    public static string ManifestOf(string version) => $"stable/box-{version}-pc/manifest.json";

    public static ImmutableArray<ListedRelease> Find(RepositoryEditor editor, string version) => ListedRelease.Find(editor.Draft, $"stable/{version}");
}
