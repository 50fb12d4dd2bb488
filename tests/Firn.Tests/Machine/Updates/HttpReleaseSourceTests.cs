using Firn.Formats.Boot;
using Firn.Formats.Releases;
using Firn.Machine.Boot;
using Firn.Machine.Updates;

namespace Firn.Tests.Machine.Updates;

public sealed class HttpReleaseSourceTests
{
    private static readonly TestRelease Release = TestRelease.Make("2");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static HttpReleaseSource Source(Uri address, double stallSeconds = 20) =>
        new(address, new() { StallTimeout = TimeSpan.FromSeconds(stallSeconds), StallBytes = 1000, MaximumRedirects = 3 });

    private static byte[] Body(string path) => Path.GetFileName(path) switch
    {
        ReleaseManifest.FileName => Release.Manifest.ToJson(),
        "boot.img" => Release.Boot,
        _ => Release.Root,
    };

    private static async Task<InstallResult> Install(RecordingDisk disk, IReleaseSource source) =>
        await new UpdateInstaller(disk, new GrubBootLoader(disk)).InstallAsync(source, 1, null, Token);

    [Theory]
    [InlineData("releases/2")]
    [InlineData("releases/2/")]
    [InlineData("releases/2/manifest.json")]
    [InlineData("releases/2/manifest.json?token=a%20b")]
    public async Task A_release_is_installed_from_the_web(string path)
    {
        using var server = new TestServer(request => TestServer.Ok(Body(request.Path)));
        var disk = new RecordingDisk(TestDisk.Make());
        using var source = Source(new(server.Address, path));

        Assert.Equal("2", (await Install(disk, source)).Version);

        Assert.All(server.Requests, request => Assert.StartsWith("/releases/2/", request));
        new SlotStore(disk).CheckComplete(Slot.B, Token);
    }

    [Fact]
    public async Task Redirects_are_followed_but_not_in_circles()
    {
        using var server = new TestServer(request => request.Path.StartsWith("/latest/", StringComparison.Ordinal)
            ? TestServer.Raw($"HTTP/1.1 302 Found\r\nLocation: /v2/{Path.GetFileName(request.Path)}\r\nContent-Length: 0\r\n\r\n")
            : request.Path.StartsWith("/loop", StringComparison.Ordinal)
                ? TestServer.Raw("HTTP/1.1 302 Found\r\nLocation: /loop/manifest.json\r\nContent-Length: 0\r\n\r\n")
                : TestServer.Ok(Body(request.Path)));
        using var latest = Source(new(server.Address, "latest"));
        using var loop = Source(new(server.Address, "loop"));

        Assert.Equal("2", (await Install(new(TestDisk.Make()), latest)).Version);
        Assert.Contains("redirected", (await Assert.ThrowsAsync<IOException>(() => loop.ReadManifestAsync(Token))).Message);
    }

    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "404 Not Found")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "release manifest")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{", "after 1 bytes")]
    [InlineData("nonsense\r\n\r\n", "invalid status line")]
    public async Task An_answer_that_is_no_manifest_is_explained(string answer, string expected)
    {
        using var server = new TestServer(_ => TestServer.Raw(answer));
        using var source = Source(server.Address);

        var error = await Assert.ThrowsAnyAsync<Exception>(() => source.ReadManifestAsync(Token));

        Assert.True(error is IOException or InvalidDataException, $"{error}");
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public async Task A_manifest_that_never_ends_is_not_read_to_its_end()
    {
        using var server = new TestServer(_ => TestServer.Ok(new byte[ReleaseManifest.MaximumBytes + 2]));
        using var source = Source(server.Address);

        Assert.Contains("no release manifest", (await Assert.ThrowsAsync<InvalidDataException>(
            () => source.ReadManifestAsync(Token))).Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_transfer_that_breaks_off_or_stalls_leaves_the_machine_as_it_was(bool staysOpen)
    {
        using var server = new TestServer(request => request.Path.EndsWith("squashfs", StringComparison.Ordinal)
            ? TestServer.Ok(Release.Root, sent: 1_000_000, staysOpen)
            : TestServer.Ok(Body(request.Path)));
        var disk = new RecordingDisk(TestDisk.Make());
        using var source = Source(server.Address, stallSeconds: 1);

        var error = await Assert.ThrowsAsync<IOException>(() => Install(disk, source));

        Assert.Contains("root.squashfs", error.Message);
        Assert.Contains("after 1000000 bytes", error.Message);
        Assert.Equal(staysOpen, error.Message.Contains("stalled", StringComparison.Ordinal));
        Assert.Equal(new(Slot.A), new GrubBootLoader(disk).Read());
        Assert.False(new SlotStore(disk).Report(Slot.B, 0).CanBoot);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_length_other_than_the_manifests_is_noticed_before_the_first_byte(int difference)
    {
        using var server = new TestServer(request => request.Path.EndsWith("squashfs", StringComparison.Ordinal)
            ? TestServer.Ok(new byte[Release.Root.Length + difference])
            : TestServer.Ok(Body(request.Path)));
        var disk = new RecordingDisk(TestDisk.Make());
        using var source = Source(server.Address);

        Assert.Contains("its manifest says", (await Assert.ThrowsAsync<InvalidDataException>(() => Install(disk, source))).Message);
        Assert.Empty(disk.Operations);
    }

    [Theory]
    [InlineData(5, "goes on after")]
    [InlineData(-5, "ends after")]
    public async Task A_body_without_a_length_is_held_to_the_manifests(int difference, string expected)
    {
        byte[] body = difference > 0 ? [.. Release.Root, .. new byte[difference]] : Release.Root[..^-difference];
        using var server = new TestServer(request => request.Path.EndsWith("squashfs", StringComparison.Ordinal)
            ? [.. "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"u8, .. body]
            : TestServer.Ok(Body(request.Path)));
        var disk = new RecordingDisk(TestDisk.Make());
        using var source = Source(server.Address);

        Assert.Contains(expected, (await Assert.ThrowsAsync<InvalidDataException>(() => Install(disk, source))).Message);
        Assert.Equal(new(Slot.A), new GrubBootLoader(disk).Read());
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        Uri address;
        using (var server = new TestServer(_ => [])) address = server.Address;
        using var source = Source(address);

        Assert.Contains(address.Authority, (await Assert.ThrowsAsync<IOException>(() => source.ReadManifestAsync(Token))).Message);
    }
}
