using Firn.Trust.Client;
using Firn.Trust.Metadata;
using Firn.Trust.Transports;

namespace Firn.Tests.Trust.Client;

/// <summary>A repository over https: whose certificates count, and what is said of others.</summary>
public sealed class HttpsHostsTests : IDisposable
{
    private readonly TestRepository _repository = new();
    private readonly TestMachine _machine;
    private readonly TestAuthority _ours = new("Our Own CA"), _theirs = new("Somebody Else");
    private readonly string _ca;

    public HttpsHostsTests()
    {
        _repository.AddTarget(RoleNames.Targets, "box/image", new byte[200_000]);
        _repository.Publish(RoleNames.Targets);
        _machine = new(_repository);
        _ca = Path.Combine(_machine.Directory, "ca.pem");
        File.WriteAllText(_ca, $"some text\n{_theirs.Pem}\n{_ours.Pem}\n");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_that_the_given_authority_vouches_for_is_believed()
    {
        using var server = new TestTlsServer(_ours.Issue("localhost"), Answer);
        using var client = NewClient(server, _ca);

        await client.RefreshAsync(RefreshOptions.Default, Token);
        await using var image = await client.OpenAsync(await client.RequireAsync("box/image", Token), Token);
        await image.CopyToAsync(Stream.Null, Token);

        Assert.Equal(200_000, image.Position);
        Assert.Contains("/metadata/timestamp.json", server.Requests);
    }

    [Fact]
    public async Task An_authority_that_is_not_trusted_is_named()
    {
        using var stranger = new TestAuthority("A Stranger");
        using var server = new TestTlsServer(stranger.Issue("localhost"), Answer);

        Assert.EndsWith("/metadata/2.root.json: the certificate of localhost is from 'CN=A Stranger', which is not trusted here", await RefusesAsync(server, _ca));
        Assert.EndsWith("the certificate of localhost is from 'CN=A Stranger', which is not trusted here", await RefusesAsync(server, null));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_certificate_whose_time_is_over_or_has_not_come_is_told_with_its_time()
    {
        using var old = new TestTlsServer(_ours.Issue("localhost", until: new(2025, 6, 1, 12, 0, 0, TimeSpan.Zero)), Answer);
        using var young = new TestTlsServer(_ours.Issue("localhost", from: new(2090, 6, 1, 12, 0, 0, TimeSpan.Zero)), Answer);

        Assert.EndsWith("the certificate of localhost expired on 2025-06-01 12:00:00Z", await RefusesAsync(old, _ca));
        Assert.Contains("the certificate of localhost is valid from 2090-06-01 12:00:00Z on, and the clock of this machine says 20", await RefusesAsync(young, _ca));
    }

    [Fact]
    public async Task A_certificate_for_another_host_is_told_with_whom_it_is_for()
    {
        using var server = new TestTlsServer(_ours.Issue("updates.example.org"), Answer);

        Assert.EndsWith("localhost shows a certificate that is for updates.example.org", await RefusesAsync(server, _ca));
    }

    [Fact]
    public async Task A_redirect_from_https_to_http_is_not_followed()
    {
        using var plain = new TestServer(request => Answer(request.Path));
        using var server = new TestTlsServer(_ours.Issue("localhost"), path => TestServer.Raw(
            $"HTTP/1.1 302 Found\r\nLocation: {new Uri(plain.Address, path)}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));

        Assert.Contains($"redirected from https to {plain.Address}metadata/2.root.json, which is not followed", await RefusesAsync(server, _ca));
        Assert.Empty(plain.Requests);
    }

    [Fact]
    public void A_file_without_certificates_is_no_authority()
    {
        File.WriteAllText(_ca, "nothing\n");

        Assert.Contains("there is no certificate in PEM form in it", Assert.Throws<InvalidDataException>(() => new HttpFiles(new(), null, _ca)).Message);
        Assert.ThrowsAny<IOException>(() => new HttpFiles(new(), null, _ca + "-missing"));
    }

    /// <summary>As another process, because the environment is read once: the system's own way to trust an authority.</summary>
    [Fact]
    public void The_environment_can_name_the_authority()
    {
        using var server = new TestTlsServer(_ours.Issue("localhost"), Answer);
        string[] verify = ["repo", "verify", server.Address.AbsoluteUri, "--metadata-only"];

        var (_, without) = FirnProcess.Run([], verify);
        var (_, with) = FirnProcess.Run([new("SSL_CERT_FILE", _ca)], verify);

        Assert.Contains("is from 'CN=Our Own CA', which is not trusted here", without);
        Assert.DoesNotContain("certificate", with);
        Assert.Contains("roles and 0 files", with);
    }

    private TrustClient NewClient(TestTlsServer server, string? ca) => _machine.NewClient(HttpTransport.Of(server.Address, new(new(), null, ca)));

    private async Task<string> RefusesAsync(TestTlsServer server, string? ca)
    {
        using var client = NewClient(server, ca);
        return (await Assert.ThrowsAsync<IOException>(() => client.RefreshAsync(RefreshOptions.Default, Token))).Message;
    }

    private byte[] Answer(string path) =>
        path.StartsWith("/metadata/", StringComparison.Ordinal) && _repository.Metadata.TryGetValue(path["/metadata/".Length..], out var bytes) ? TestServer.Ok(bytes)
        : path.StartsWith("/targets/", StringComparison.Ordinal) && _repository.Targets.TryGetValue(path["/targets/".Length..], out bytes) ? TestServer.Ok(bytes)
        : TestServer.NotFound;

    public void Dispose()
    {
        _machine.Dispose();
        _ours.Dispose();
        _theirs.Dispose();
    }
}
