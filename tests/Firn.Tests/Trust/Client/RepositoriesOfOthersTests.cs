using Firn.Tests.Formats;
using Firn.Tests.Trust.Publishing;
using Firn.Trust.Client;
using Firn.Trust.Metadata;
using Firn.Trust.Transports;

namespace Firn.Tests.Trust.Client;

/// <summary>
/// tuf-js writes, we read: hash bins in the succinct form, SHA-512, keys of three kinds whose ids are no hashes, fields and
/// texts that canonical form must get right.
/// </summary>
public sealed class RepositoriesOfOthersTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_repository_of_tuf_js_is_understood()
    {
        ForeignJudges.Write(_scratch.Path, "2030-01-01T00:00:00Z");
        var store = new TrustStore(_scratch.File("store"));
        store.Write(RoleNames.Root, await File.ReadAllBytesAsync(_scratch.File("metadata/1.root.json"), Token));
        using var client = new TrustClient(store, [new DirectoryTransport(_scratch.Path)], new FixedClock(TestRepository.Now));

        await client.RefreshAsync(RefreshOptions.Default, Token);

        for (var i = 0; i < 200; i++)
        {
            var target = await client.RequireAsync($"some/where/file-{i}.txt", Token);
            await TargetDownload.RunAsync(client, target, _scratch.File("target"), Token);
            Assert.Equal($"content {i}", await File.ReadAllTextAsync(_scratch.File("target"), Token));
        }
        Assert.Null(await client.FindAsync("some/where/file-200.txt", Token));
    }

    public void Dispose() => _scratch.Dispose();
}
