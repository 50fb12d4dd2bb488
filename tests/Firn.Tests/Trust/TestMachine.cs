using Firn.Tests.Formats;
using Firn.Trust;
using Firn.Trust.Client;
using Firn.Trust.Metadata;
using Firn.Trust.Transports;

namespace Firn.Tests.Trust;

/// <summary>A machine that trusts a repository, with the files it keeps and a clock of its own.</summary>
internal sealed class TestMachine : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public TestMachine(TestRepository repository)
    {
        Store = new(Path.Combine(_scratch.Path, "trust"));
        Store.Write(RoleNames.Root, repository.TrustedRoot);
        Repository = repository;
    }

    public TestRepository Repository { get; }
    public TrustStore Store { get; }
    public FixedClock Clock { get; } = new(TestRepository.Now);
    public TrustLimits Limits { get; init; } = new();
    public string Directory => _scratch.Path;

    /// <summary>Each call is a new process: nothing but the files is remembered.</summary>
    public TrustClient NewClient(params ITransport[] mirrors) =>
        new(Store, [.. mirrors.Length == 0 ? [Repository] : mirrors], Clock, Limits);

    public async Task<TrustedMetadata> RefreshAsync(RefreshOptions? options = null)
    {
        using var client = NewClient();
        return await client.RefreshAsync(options ?? RefreshOptions.Default, TestContext.Current.CancellationToken);
    }

    public async Task<TrustedTarget?> FindAsync(string path)
    {
        using var client = NewClient();
        await client.RefreshAsync(RefreshOptions.Default, TestContext.Current.CancellationToken);
        return await client.FindAsync(path, TestContext.Current.CancellationToken);
    }

    public async Task<byte[]> FetchAsync(string path)
    {
        var file = Path.Combine(Directory, "fetched");
        using var client = NewClient();
        await client.RefreshAsync(RefreshOptions.Default, TestContext.Current.CancellationToken);
        var target = await client.RequireAsync(path, TestContext.Current.CancellationToken);
        await TargetDownload.RunAsync(client, target, file, TestContext.Current.CancellationToken);
        return await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
    }

    /// <summary>The refresh must fail, for this reason, and leave these versions believed.</summary>
    public async Task<TrustException> RefusesAsync(TrustFailure failure)
    {
        var error = await Assert.ThrowsAsync<TrustException>(() => RefreshAsync());
        Assert.Equal(failure, error.Failure);
        return error;
    }

    /// <summary>Of what is believed, read past the client; null for nothing.</summary>
    public long? VersionOf(string role) => Store.Read(role) is { } bytes
        ? ((JsonValue.Integer)MetadataFile.Read(bytes).Signed["version"]!).Value
        : null;

    public void Dispose() => _scratch.Dispose();
}

internal sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;
    public override DateTimeOffset GetUtcNow() => Now;
}
