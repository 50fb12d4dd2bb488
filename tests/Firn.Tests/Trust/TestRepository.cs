using System.Collections.Immutable;
using System.Globalization;
using Firn.Formats.Trees;
using Firn.Trust.Bundles;
using Firn.Trust.Client;
using Firn.Trust.Keys;
using Firn.Trust.Metadata;
using Firn.Trust.Transports;

namespace Firn.Tests.Trust;

/// <summary>
/// A repository in memory that a story changes as its publisher, or its attacker, would. Every key is known to it, so it can
/// also sign what an honest one never would.
/// </summary>
internal sealed class TestRepository : ITransport
{
    public static readonly DateTimeOffset Now = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, List<PrivateKey>> _signers = [];

    /// <summary>Everything that was published, by file name, as a static host keeps it.</summary>
    public Dictionary<string, byte[]> Metadata { get; } = [];

    /// <summary>By place: with the hash before the file name.</summary>
    public Dictionary<string, byte[]> Targets { get; } = [];

    public List<string> Requests { get; } = [];

    public RootMetadata Root { get; set; }
    public TimestampMetadata Timestamp { get; set; }
    public SnapshotMetadata Snapshot { get; set; }
    public Dictionary<string, TargetsMetadata> Roles { get; } = [];

    /// <summary>Whether timestamp and snapshot say sizes and hashes.</summary>
    public bool SaysHashes { get; set; } = true;

    public TestRepository(bool hasConsistentSnapshots = true)
    {
        Root = new()
        {
            Version = 0,
            Expires = Now.AddDays(365),
            HasConsistentSnapshots = hasConsistentSnapshots,
            Keys = ImmutableSortedDictionary.Create<string, PublicKey>(StringComparer.Ordinal),
            Roles = ImmutableSortedDictionary.Create<string, RoleKeys>(StringComparer.Ordinal),
        };
        foreach (var role in TopLevel) Rotate(role, TestKeys.Take(1));
        Roles[RoleNames.Targets] = NewTargets();
        Snapshot = new()
        {
            Version = 0,
            Expires = Now.AddDays(30),
            Meta = ImmutableSortedDictionary.Create<string, MetaFile>(StringComparer.Ordinal),
        };
        Timestamp = new() { Version = 0, Expires = Now.AddDays(1), Snapshot = new(1) };
        PublishRoot();
        Publish(RoleNames.Targets);
    }

    private static string[] TopLevel => [RoleNames.Root, RoleNames.Timestamp, RoleNames.Snapshot, RoleNames.Targets];

    public string Name => "test";

    public byte[] TrustedRoot => Metadata["1.root.json"];

    public static TargetsMetadata NewTargets() => new()
    {
        Version = 0,
        Expires = Now.AddDays(90),
        Targets = ImmutableSortedDictionary.Create<string, TargetFile>(StringComparer.Ordinal),
    };

    /// <summary>Gives a top-level role new keys; takes effect with the next <see cref="PublishRoot"/>.</summary>
    public void Rotate(string role, IReadOnlyList<PrivateKey> keys, int threshold = 1)
    {
        Root = Root with
        {
            Keys = Root.Keys.SetItems(keys.Select(key => KeyValuePair.Create(key.KeyId, key.PublicKey))),
            Roles = Root.Roles.SetItem(role, new(keys.Select(key => key.KeyId), threshold)),
        };
        _signers[role] = [.. keys];
    }

    public IReadOnlyList<PrivateKey> SignersOf(string role) => _signers[role];

    public void SignWith(string role, params PrivateKey[] keys) => _signers[role] = [.. keys];

    /// <param name="alsoBy">Who signs besides the new root's own keys: after a rotation, the old ones.</param>
    public void PublishRoot(params PrivateKey[] alsoBy)
    {
        Root = Root with { Version = Root.Version + 1 };
        var bytes = Sign(Root, [.. _signers[RoleNames.Root], .. alsoBy]);
        Metadata[$"{Root.Version}.root.json"] = bytes;
    }

    /// <summary>Publishes roles of targets in a new version, and snapshot and timestamp with them.</summary>
    public void Publish(params string[] roles)
    {
        foreach (var role in roles) PublishTargets(role);
        PublishSnapshot();
        PublishTimestamp();
    }

    public void PublishTargets(string role)
    {
        Roles[role] = Roles[role] with { Version = Roles[role].Version + 1 };
        Snapshot = Snapshot with { Meta = Snapshot.Meta.SetItem($"{role}.json", Put(role, Roles[role])) };
    }

    public void PublishSnapshot()
    {
        Snapshot = Snapshot with { Version = Snapshot.Version + 1 };
        Timestamp = Timestamp with { Snapshot = Put(RoleNames.Snapshot, Snapshot) };
    }

    public void PublishTimestamp()
    {
        Timestamp = Timestamp with { Version = Timestamp.Version + 1 };
        Metadata["timestamp.json"] = Sign(Timestamp, _signers[RoleNames.Timestamp]);
    }

    private MetaFile Put(string role, RoleMetadata metadata)
    {
        var bytes = Sign(metadata, _signers[role]);
        Metadata[FileName(role, metadata.Version)] = bytes;
        return SaysHashes ? new(metadata.Version, bytes.Length, FileHashes.Of(bytes), JsonObject.Empty) : new(metadata.Version);
    }

    public string FileName(string role, long version) => Root.HasConsistentSnapshots
        ? $"{version.ToString(CultureInfo.InvariantCulture)}.{RoleNames.FileName(role)}"
        : RoleNames.FileName(role);

    public static byte[] Sign(RoleMetadata metadata, IEnumerable<ISigner> signers) =>
        signers.DistinctBy(signer => signer.KeyId).Aggregate(MetadataFile.Of(metadata), (file, signer) => file.Sign(signer)).ToBytes();

    public void AddTarget(string role, string path, byte[] content, JsonObject? custom = null)
    {
        var file = new TargetFile(content.Length, FileHashes.Of(content), custom);
        Roles[role] = Roles[role] with { Targets = Roles[role].Targets.SetItem(path, file) };
        Targets[new TrustedTarget(path, file, role).Location(Root.HasConsistentSnapshots)] = content;
    }

    public void Delegate(string delegator, string role, bool isTerminating, params string[] paths)
    {
        var key = TestKeys.Take(1)[0];
        Delegate(delegator, new DelegatedRole
        {
            Name = role,
            Keys = new([key.KeyId], 1),
            IsTerminating = isTerminating,
            Paths = [.. paths],
        }, key);
    }

    public void Delegate(string delegator, DelegatedRole role, params PrivateKey[] keys)
    {
        var before = Roles[delegator].Delegations ?? new() { Keys = ImmutableSortedDictionary.Create<string, PublicKey>(StringComparer.Ordinal) };
        Roles[delegator] = Roles[delegator] with
        {
            Delegations = before with
            {
                Keys = before.Keys.SetItems(keys.Select(key => KeyValuePair.Create(key.KeyId, key.PublicKey))),
                Roles = [.. before.Roles.Where(other => other.Name != role.Name), role],
            },
        };
        _signers[role.Name] = [.. _signers.GetValueOrDefault(role.Name, []).Concat(keys).DistinctBy(key => key.KeyId)];
        Roles.TryAdd(role.Name, NewTargets());
    }

    /// <summary>As a static host has it.</summary>
    public string WriteTo(string directory)
    {
        foreach (var (name, bytes) in Metadata) Write(Path.Combine(directory, "metadata", name), bytes);
        foreach (var (name, bytes) in Targets) Write(Path.Combine(directory, "targets", name), bytes);
        return directory;

        static void Write(string file, byte[] bytes)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, bytes);
        }
    }

    /// <summary>Everything there is, in one file.</summary>
    public string BundleTo(string file)
    {
        using var output = File.Create(file);
        BundleWriter.Write(
            output, new("stable", []),
            Metadata.Select(entry => new BundleFile($"metadata/{entry.Key}", FileContent.Of(entry.Value)))
                .Concat(Targets.Select(entry => new BundleFile($"targets/{entry.Key}", FileContent.Of(entry.Value)))));
        return file;
    }

    public Task<Stream?> OpenMetadataAsync(string fileName, CancellationToken cancellation)
    {
        Requests.Add(fileName);
        return Task.FromResult<Stream?>(Metadata.TryGetValue(fileName, out var bytes) ? new MemoryStream(bytes) : null);
    }

    public Task<Stream?> OpenTargetAsync(string path, long offset, CancellationToken cancellation)
    {
        Requests.Add(path);
        return Task.FromResult<Stream?>(Targets.TryGetValue(path, out var bytes) ? new MemoryStream(bytes[(int)offset..]) : null);
    }

    public void Dispose() { }
}
