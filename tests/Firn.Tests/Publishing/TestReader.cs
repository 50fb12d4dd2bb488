using Firn.Tests.Formats;
using Firn.Trust.Client;
using Firn.Trust.Metadata;
using Firn.Trust.Releases;

namespace Firn.Tests.Trust.Publishing;

/// <summary>What machines make of a repository: new ones, and one that remembers what it saw.</summary>
internal sealed class TestReader : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly byte[] _root;
    private int _count;

    public TestReader(MemoryFiles files) => _root = files.Content["metadata/1.root.json"];

    /// <summary>A machine that begins with the first root, or goes on with what <paramref name="memory"/> saw before.</summary>
    /// <returns>Versions of stable's releases that it may take, with "paused" or "revoked" behind them.</returns>
    public string Read(MemoryFiles files, DateTimeOffset now, string? memory = null)
    {
        var store = new TrustStore(_scratch.File(memory ?? $"machine-{_count++}"));
        if (store.Read(RoleNames.Root) is null) store.Write(RoleNames.Root, _root);
        using var client = new TrustClient(store, [files], new FixedClock(now), new());
        var token = TestContext.Current.CancellationToken;
        var metadata = client.RefreshAsync(RefreshOptions.Default, token).GetAwaiter().GetResult();
        var releases = ReleaseCatalog.ReadAsync(client, metadata, "stable", token).GetAwaiter().GetResult().Releases;
        foreach (var release in releases)
        {
            using var content = client.OpenAsync(release.Manifest, token).GetAwaiter().GetResult();
            content.CopyToAsync(Stream.Null, token).GetAwaiter().GetResult();
        }
        return string.Join(",", releases.Select(release => release.Terms.Version + (release.Terms.IsPaused ? " paused" : "") + (release.Terms.Revoked is null ? "" : " revoked")).Order());
    }

    public void Dispose() => _scratch.Dispose();
}
