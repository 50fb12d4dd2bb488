using System.Text;
using Firn.Trust;
using Firn.Trust.Client;
using Firn.Trust.Metadata;
using Firn.Trust.Transports;

namespace Firn.Tests.Trust.Client;

/// <summary>Hosts and networks that send too much, too slowly, in circles, or only a part.</summary>
public sealed class TransfersAreHostile : IDisposable
{
    private static readonly byte[] Image = [.. Enumerable.Range(0, 300_000).Select(number => (byte)(number * 7))];

    private readonly TestRepository _repository = new();
    private readonly TestMachine _machine;

    public TransfersAreHostile()
    {
        _repository.AddTarget(RoleNames.Targets, "box/image", Image);
        _repository.Publish(RoleNames.Targets);
        _machine = new(_repository);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static HttpFiles Files => new(new() { StallTimeout = TimeSpan.FromSeconds(1), StallBytes = 1000, MaximumRedirects = 3 });

    [Theory]
    [InlineData("2.root.json", 512_000)]
    [InlineData("timestamp.json", 16_384)]
    [InlineData("2.snapshot.json", 2_000_000)]
    [InlineData("2.targets.json", 5_000_000)]
    public async Task Endless_metadata_ends_at_its_limit(string file, int limit)
    {
        _repository.SaysHashes = false;
        _repository.Snapshot = _repository.Snapshot with { Version = 1 };
        _repository.Roles[RoleNames.Targets] = _repository.Roles[RoleNames.Targets] with { Version = 1 };
        _repository.Publish(RoleNames.Targets);
        var endless = new EndlessFile(_repository, file);
        using var client = _machine.NewClient(endless);

        var error = await Assert.ThrowsAsync<TrustException>(() => client.RefreshAsync(RefreshOptions.Default, Token));

        Assert.Equal(TrustFailure.WrongLength, error.Failure);
        Assert.InRange(endless.SentBytes, limit, limit + (64 << 10));
    }

    [Theory]
    [InlineData("2.snapshot.json")]
    [InlineData("2.targets.json")]
    public async Task Endless_metadata_ends_at_its_signed_size(string file)
    {
        var endless = new EndlessFile(_repository, file);
        using var client = _machine.NewClient(endless);

        await Assert.ThrowsAsync<TrustException>(() => client.RefreshAsync(RefreshOptions.Default, Token));

        Assert.InRange(endless.SentBytes, 1, _repository.Metadata[file].Length + 1);
    }

    [Fact]
    public async Task A_size_that_is_signed_but_absurd_is_not_read()
    {
        _repository.Timestamp = _repository.Timestamp with { Snapshot = new(2, long.MaxValue, null, JsonObject.Empty) };
        _repository.PublishTimestamp();

        Assert.Contains("at most 50000000 are read", (await _machine.RefusesAsync(TrustFailure.WrongLength)).Message);
    }

    [Fact]
    public async Task An_endless_target_ends_at_its_signed_size()
    {
        foreach (var place in _repository.Targets.Keys) _repository.Targets[place] = [.. Image, 1, 2, 3];

        var error = await Assert.ThrowsAsync<TrustException>(() => _machine.FetchAsync("box/image"));

        Assert.Equal("box/image: goes on after its 300000 bytes", error.Message);
    }

    [Fact]
    public async Task Slow_retrieval_is_given_up()
    {
        using var server = new TestServer(_ => TestServer.Slow(new byte[9000]));
        using var client = _machine.NewClient(HttpTransport.Of(server.Address, Files));

        var error = await Assert.ThrowsAsync<IOException>(() => client.RefreshAsync(RefreshOptions.Default, Token));

        Assert.Contains("stalled", error.Message);
    }

    [Fact]
    public async Task Redirects_in_a_circle_are_given_up()
    {
        using var server = new TestServer(_ => TestServer.Raw("HTTP/1.1 302 Found\r\nLocation: /metadata/2.root.json\r\nContent-Length: 0\r\n\r\n"));
        using var client = _machine.NewClient(HttpTransport.Of(server.Address, Files));

        var error = await Assert.ThrowsAsync<IOException>(() => client.RefreshAsync(RefreshOptions.Default, Token));

        Assert.Contains("redirected too often", error.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_broken_transfer_goes_on_where_it_broke(bool knowsRanges)
    {
        var answers = 0;
        using var server = new TestServer(request =>
        {
            if (!request.Path.StartsWith("/targets/", StringComparison.Ordinal)) return Answer(request.Path);
            answers++;
            var from = knowsRanges ? request.RangeStart : 0;
            var status = from > 0 ? $"206 Partial Content\r\nContent-Range: bytes {from}-{Image.Length - 1}/{Image.Length}" : "200 OK";
            var head = $"HTTP/1.1 {status}\r\nContent-Length: {Image.Length - from}\r\n\r\n";
            return [.. Encoding.ASCII.GetBytes(head), .. Image[(int)from..Math.Min(Image.Length, 100_000 * answers)]];
        });
        using var client = _machine.NewClient(HttpTransport.Of(server.Address, Files));
        await client.RefreshAsync(RefreshOptions.Default, Token);
        var target = await client.RequireAsync("box/image", Token);

        await TargetDownload.RunAsync(client, target, Path.Combine(_machine.Directory, "image"), Token);

        Assert.Equal(Image, await File.ReadAllBytesAsync(Path.Combine(_machine.Directory, "image"), Token));
        Assert.Equal(3, answers);
    }

    [Fact]
    public async Task What_an_earlier_process_brought_is_not_fetched_again()
    {
        var file = Path.Combine(_machine.Directory, "fetched");
        await File.WriteAllBytesAsync($"{file}.part", Image[..200_000], Token);
        var place = _repository.Targets.Keys.Single();
        _repository.Targets[place] = [.. new byte[200_000], .. Image[200_000..]];    // the beginning is not even there

        Assert.Equal(Image, await _machine.FetchAsync("box/image"));
        _repository.Targets.Clear();
        Assert.Equal(Image, await _machine.FetchAsync("box/image"));    // nor is anything, the second time
    }

    [Fact]
    public async Task A_wrong_beginning_is_thrown_away()
    {
        await File.WriteAllBytesAsync(Path.Combine(_machine.Directory, "fetched.part"), new byte[1000], Token);

        Assert.Equal(TrustFailure.WrongHash, (await Assert.ThrowsAsync<TrustException>(() => _machine.FetchAsync("box/image"))).Failure);
        Assert.Equal(Image, await _machine.FetchAsync("box/image"));
    }

    [Fact]
    public async Task Mirrors_that_are_down_behind_or_forged_only_cost_time()
    {
        var forged = new TestRepository();
        using var dead = new DirectoryTransport(Path.Combine(_machine.Directory, "nowhere"));
        using var client = _machine.NewClient(dead, forged, _repository);

        await client.RefreshAsync(RefreshOptions.Default, Token);
        await using var stream = await client.OpenAsync(await client.RequireAsync("box/image", Token), Token);
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Token);

        Assert.Equal(Image, copy.ToArray());
        Assert.Contains(client.Problems, problem => problem.Contains("no such directory"));
        Assert.Contains(client.Problems, problem => problem.Contains("signed by 0 of the 1 keys"));
    }

    [Fact]
    public async Task An_image_goes_on_at_the_next_mirror_where_one_breaks_off()
    {
        var asked = new List<long>();
        using var ends = new TestServer(request => request.Path.StartsWith("/targets/", StringComparison.Ordinal) && request.RangeStart > 0
            ? TestServer.NotFound    // gone for good, in the middle of it
            : request.Path.StartsWith("/targets/", StringComparison.Ordinal) ? TestServer.Ok(Image, sent: 100_000) : Answer(request.Path));
        using var truncated = new TestServer(request => TestServer.Range(Image[..200_000], request.RangeStart));
        using var whole = new TestServer(request =>
        {
            asked.Add(request.RangeStart);
            return TestServer.Range(Image, request.RangeStart);
        });
        using var client = _machine.NewClient([.. new[] { ends, truncated, whole }.Select(server => HttpTransport.Of(server.Address, Files))]);
        await client.RefreshAsync(RefreshOptions.Default, Token);

        await using var stream = await client.OpenAsync(await client.RequireAsync("box/image", Token), Token);
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Token);

        Assert.Equal(Image, copy.ToArray());
        Assert.Equal([200_000], asked);
        Assert.Contains(client.Problems, problem => problem.StartsWith(ends.Address.AbsoluteUri));
        Assert.Contains(client.Problems, problem => problem.Contains("ends after 200000 of 300000 bytes"));
    }

    [Fact]
    public async Task What_is_put_together_from_mirrors_is_verified_as_a_whole()
    {
        using var ends = new TestServer(request => request.Path.StartsWith("/targets/", StringComparison.Ordinal)
            ? request.RangeStart > 0 ? TestServer.NotFound : TestServer.Ok(Image, sent: 100_000)
            : Answer(request.Path));
        using var forged = new TestServer(request => TestServer.Range(new byte[Image.Length], request.RangeStart));
        using var whole = new TestServer(request => TestServer.Range(Image, request.RangeStart));
        using var client = _machine.NewClient([.. new[] { ends, forged, whole }.Select(server => HttpTransport.Of(server.Address, Files))]);
        await client.RefreshAsync(RefreshOptions.Default, Token);
        var target = await client.RequireAsync("box/image", Token);
        Assert.False(client.TurnToOtherMirrors());

        await using (var stream = await client.OpenAsync(target, Token))
            Assert.Equal(TrustFailure.WrongHash, (await Assert.ThrowsAsync<TrustException>(() => stream.CopyToAsync(Stream.Null, Token))).Failure);

        Assert.True(client.TurnToOtherMirrors());
        Assert.False(client.TurnToOtherMirrors());    // once for each failure
        await using var again = await client.OpenAsync(target, Token);
        await again.CopyToAsync(Stream.Null, Token);
    }

    [Fact]
    public async Task A_byte_for_each_attempt_is_no_progress()
    {
        using var server = new TestServer(request => request.Path.StartsWith("/targets/", StringComparison.Ordinal)
            ? [.. TestServer.Range(Image, request.RangeStart).Take(TestServer.Range(Image, request.RangeStart).AsSpan().IndexOf("\r\n\r\n"u8) + 5)]
            : Answer(request.Path));
        using var client = _machine.NewClient(HttpTransport.Of(server.Address, Files));
        await client.RefreshAsync(RefreshOptions.Default, Token);
        await using var stream = await client.OpenAsync(await client.RequireAsync("box/image", Token), Token);

        await Assert.ThrowsAsync<IOException>(() => stream.CopyToAsync(Stream.Null, Token));

        Assert.InRange(server.Requests.Count(path => path.StartsWith("/targets/")), 5, 14);
    }

    [Fact]
    public async Task A_proxy_is_asked_for_the_whole_address()
    {
        using var proxy = new TestServer(request =>
            Answer(request.Path.Replace("http://updates.invalid", "", StringComparison.Ordinal)));
        var transport = HttpTransport.Of(new("http://updates.invalid/"), new(new(), proxy.Address));
        using var client = _machine.NewClient(transport);

        await client.RefreshAsync(RefreshOptions.Default, Token);

        Assert.Contains("http://updates.invalid/metadata/timestamp.json", proxy.Requests);
    }

    private byte[] Answer(string path) =>
        path.StartsWith("/metadata/", StringComparison.Ordinal) && _repository.Metadata.TryGetValue(path["/metadata/".Length..], out var bytes)
            ? TestServer.Ok(bytes)
            : TestServer.NotFound;

    /// <summary>Sends one file for ever.</summary>
    private sealed class EndlessFile(TestRepository repository, string file) : Stream, ITransport
    {
        public long SentBytes { get; private set; }

        public string Name => "endless";

        public Task<Stream?> OpenMetadataAsync(string fileName, CancellationToken cancellation) =>
            fileName == file ? Task.FromResult<Stream?>(this) : repository.OpenMetadataAsync(fileName, cancellation);

        public Task<Stream?> OpenTargetAsync(string path, long offset, CancellationToken cancellation) =>
            repository.OpenTargetAsync(path, offset, cancellation);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(buffer.Length, 16 << 10);
            buffer.Span[..count].Fill((byte)' ');
            SentBytes += count;
            return ValueTask.FromResult(count);
        }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Flush() { }
    }

    public void Dispose() => _machine.Dispose();
}
