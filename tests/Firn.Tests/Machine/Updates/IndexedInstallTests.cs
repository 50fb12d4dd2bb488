using System.Security.Cryptography;
using Firn.Formats.Boot;
using Firn.Formats.Releases;
using Firn.Machine.Boot;
using Firn.Machine.Updates;
using Firn.Trust.Transports;

namespace Firn.Tests.Machine.Updates;

/// <summary>Releases with a block index, over a network that is as bad as networks are.</summary>
public sealed class IndexedInstallTests : IDisposable
{
    private static readonly TestRelease Old = TestRelease.Make("1"), New = Old.Changed("2", 100_000..150_000, 2_000_000..2_000_010).WithIndex();
    private static readonly int RootBytes = New.Root.Length;

    private readonly Formats.ScratchDirectory _scratch = new();
    private readonly MachinePaths _paths;

    public IndexedInstallTests()
    {
        _paths = new(_scratch.File("machine"));
        // what an earlier installation left behind
        Directory.CreateDirectory(_paths.BlockIndexes);
        File.WriteAllBytes(Path.Combine(_paths.BlockIndexes, $"{Old.Manifest.Root.Sha256}.idx"), TestRelease.IndexOf(Old.Root, 20_000).ToBytes());
    }

    public void Dispose() => _scratch.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static byte[] Answer(TestRequest request)
    {
        var file = New.File(Path.GetFileName(request.Path));
        return request.RangeEnd is null ? TestServer.Ok(file) : TestServer.Part(file, request);
    }

    private static bool IsRoot(TestRequest request) => request.Path.EndsWith("root.squashfs", StringComparison.Ordinal);

    private async Task<InstallResult> InstallAsync(RecordingDisk disk, TestServer server, InstallOptions? options = null, HttpLimits? limits = null)
    {
        using var source = new HttpReleaseSource(server.Address, limits ?? new());
        return await new UpdateInstaller(disk, new GrubBootLoader(disk), _paths).InstallAsync(source, options ?? new(Tries: 3), null, Token);
    }

    private static void AssertInstalled(RecordingDisk disk)
    {
        Assert.Equal(Slot.B, new GrubBootLoader(disk).Read().Trial?.Slot);
        Assert.Equal("2", new SlotStore(disk).CheckComplete(Slot.B, Token).Version);
    }

    private static void AssertUntouched(RecordingDisk disk)
    {
        Assert.Equal(new(Slot.A), new GrubBootLoader(disk).Read());
        new SlotStore(disk).CheckComplete(Slot.A, Token);
        Assert.False(new SlotStore(disk).Report(Slot.B, 0).CanBoot);
    }

    [Fact]
    public async Task Only_blocks_that_the_other_slot_has_not_are_fetched_as_the_plan_said()
    {
        using var server = new TestServer(Answer);
        var disk = new RecordingDisk(TestDisk.Make());
        using var source = new HttpReleaseSource(server.Address, new());

        var plan = await new UpdateInstaller(disk, new GrubBootLoader(disk), _paths).PlanAsync(source, null, Token);
        var result = await InstallAsync(disk, server);

        AssertInstalled(disk);
        Assert.Equal(2, plan.Root.Requests);
        Assert.InRange(plan.Root.SourceBytes, 50_010, 120_000);
        Assert.Equal(RootBytes, plan.Root.SourceBytes + plan.Root.SlotBytes + plan.Root.KeptBytes);
        Assert.Equal((plan.SourceBytes, plan.Root.SlotBytes), (result.Origins.Source, result.Origins.Slots));
    }

    [Fact]
    public async Task The_next_plan_knows_how_long_it_takes()
    {
        using var server = new TestServer(Answer);
        var disk = new RecordingDisk(TestDisk.Make());
        await InstallAsync(disk, server);
        using var source = new HttpReleaseSource(server.Address, new());

        var plan = await new UpdateInstaller(disk, new GrubBootLoader(disk), _paths).PlanAsync(source, null, Token);

        Assert.NotNull(plan.Seconds);
        Assert.Equal((0, 0), (plan.Root.SourceBytes, plan.Root.Requests));
    }

    [Theory]
    [InlineData(300_000)]
    [InlineData(1_700_000)]
    public async Task An_install_that_was_broken_off_goes_on_where_it_was(int fetched)
    {
        // given a machine that has nothing to copy from, and a server that goes away
        Directory.Delete(_paths.BlockIndexes, recursive: true);
        var disk = new RecordingDisk(TestDisk.Make());
        using (var dying = new TestServer(request => !IsRoot(request) ? Answer(request)
            : request.RangeStart < fetched ? TestServer.Part(New.Root, request, fetched - (int)request.RangeStart) : TestServer.NotFound))
            await Assert.ThrowsAnyAsync<IOException>(() => InstallAsync(disk, dying, new(Tries: 3, MemoryBytes: InstallOptions.LeastMemoryBytes)));
        AssertUntouched(disk);

        using var server = new TestServer(Answer);
        var result = await InstallAsync(disk, server);

        AssertInstalled(disk);
        // what was written is kept; what was in memory at that moment is not
        Assert.InRange(result.Origins.Kept, fetched - 120_000, fetched);
        Assert.Equal(RootBytes, result.Origins.Kept + result.Origins.Source - New.RootIndex!.Length - New.Boot.Length);
    }

    [Fact]
    public async Task What_was_only_downloaded_is_found_by_the_install_and_not_before()
    {
        using var server = new TestServer(Answer);
        var disk = new RecordingDisk(TestDisk.Make(versionB: "1"));

        var first = await InstallAsync(disk, server, new(IsDownloadOnly: true));
        AssertUntouched(disk);
        lock (server.Requests) server.Requests.Clear();
        var second = await InstallAsync(disk, server);

        Assert.Equal((null, null, false), (first.Install, first.Tries, first.WasThere));
        Assert.True(second.WasThere);
        Assert.Equal(["/manifest.json"], server.Requests);
        AssertInstalled(disk);
    }

    [Fact]
    public async Task A_block_of_the_running_slot_that_has_changed_is_fetched()
    {
        using var server = new TestServer(Answer);
        var content = TestDisk.Make();
        TestDisk.Partition(content, DiskLayout.RootPartition(Slot.A))[1_000_000] ^= 1;
        var disk = new RecordingDisk(content);

        await InstallAsync(disk, server);

        Assert.Equal("2", new SlotStore(disk).CheckComplete(Slot.B, Token).Version);
        Assert.Equal(3, server.Requests.Count(path => path.EndsWith("root.squashfs", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_lost_or_wrong_index_costs_bytes_only()
    {
        using var server = new TestServer(Answer);
        foreach (var file in Directory.GetFiles(_paths.BlockIndexes)) await File.WriteAllTextAsync(file, "nonsense", Token);
        var disk = new RecordingDisk(TestDisk.Make());

        var result = await InstallAsync(disk, server);

        AssertInstalled(disk);
        Assert.Equal(0, result.Origins.Slots);
    }

    [Fact]
    public async Task A_data_partition_that_takes_nothing_does_not_matter()
    {
        using var server = new TestServer(Answer);
        Directory.Delete(_paths.BlockIndexes, recursive: true);
        await File.WriteAllTextAsync(_paths.BlockIndexes, "no directory", Token);    // as full as can be
        Directory.CreateDirectory(_paths.TransferRate);
        var disk = new RecordingDisk(TestDisk.Make());

        await InstallAsync(disk, server);

        AssertInstalled(disk);
    }

    [Fact]
    public async Task A_server_that_knows_no_ranges_is_asked_for_the_whole_once()
    {
        using var server = new TestServer(request => TestServer.Ok(New.File(Path.GetFileName(request.Path))));
        var disk = new RecordingDisk(TestDisk.Make());

        await InstallAsync(disk, server);

        AssertInstalled(disk);
        Assert.InRange(server.Requests.Count(path => path.EndsWith("root.squashfs", StringComparison.Ordinal)), 2, 3);    // the parts, and then the whole
    }

    [Fact]
    public async Task Answers_that_are_too_short_are_asked_for_again()
    {
        using var server = new TestServer(request => IsRoot(request)
            ? TestServer.Part(New.Root, request with { RangeEnd = Math.Min(request.RangeEnd!.Value, request.RangeStart + 9_999) })
            : Answer(request));
        var disk = new RecordingDisk(TestDisk.Make());

        await InstallAsync(disk, server);

        AssertInstalled(disk);
    }

    [Fact]
    public async Task One_that_sends_other_bytes_is_caught_before_they_are_written()
    {
        var wrong = New.Root.ToArray();
        wrong[120_000] ^= 1;
        using var server = new TestServer(request => IsRoot(request) ? TestServer.Part(wrong, request) : Answer(request));
        var disk = new RecordingDisk(TestDisk.Make());

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => InstallAsync(disk, server));

        Assert.Contains("another SHA-256 than the release says", error.Message);
        AssertUntouched(disk);
        Assert.False(disk.Content.AsSpan().IndexOf(wrong.AsSpan(119_990, 20)) >= 0);
    }

    [Fact]
    public async Task A_bit_that_flips_on_the_way_costs_a_request()
    {
        var asked = 0;
        using var server = new TestServer(request =>
        {
            var answer = Answer(request);
            if (IsRoot(request) && asked++ == 0) answer[^30_000] ^= 1;
            return answer;
        });
        var disk = new RecordingDisk(TestDisk.Make());

        await InstallAsync(disk, server);

        AssertInstalled(disk);
    }

    [Fact]
    public async Task One_that_sends_another_part_is_told_so()
    {
        using var server = new TestServer(request => IsRoot(request) ? TestServer.Part(New.Root, request, shift: 4096) : Answer(request));
        var disk = new RecordingDisk(TestDisk.Make());

        Assert.Contains("206", (await Assert.ThrowsAsync<IOException>(() => InstallAsync(disk, server))).Message);

        AssertUntouched(disk);
    }

    [Fact]
    public async Task One_that_stalls_now_and_then_is_overcome()
    {
        var asked = 0;
        using var server = new TestServer(request => IsRoot(request) && asked++ % 2 == 0
            ? [.. "HTTP/1.1 206 Partial Content\r\nX-Test: stays-open\r\nContent-Length: 90000\r\n"u8,
                .. System.Text.Encoding.ASCII.GetBytes($"Content-Range: bytes {request.RangeStart}-{request.RangeEnd}/{RootBytes}\r\n\r\n"),
                .. New.Root.AsSpan((int)request.RangeStart, 1000)]
            : Answer(request));
        var disk = new RecordingDisk(TestDisk.Make());

        await InstallAsync(disk, server, limits: new HttpLimits { StallTimeout = TimeSpan.FromSeconds(2) });

        AssertInstalled(disk);
    }

    [Fact]
    public async Task A_line_that_loses_every_tenth_packet_is_overcome()
    {
        using var server = new TestServer(Answer);
        using var line = new LossyProxy(server.Address);
        Directory.Delete(_paths.BlockIndexes, recursive: true);
        var disk = new RecordingDisk(TestDisk.Make());
        using var source = new HttpReleaseSource(line.Address, new());

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await new UpdateInstaller(disk, new GrubBootLoader(disk), _paths).InstallAsync(source, new(Tries: 3), null, Token);
                break;
            }
            catch (IOException) when (attempt < 5)
            {
                // the manifest and the boot image, which has no index, are asked for once only
            }
        }

        AssertInstalled(disk);
        Assert.True(line.LostPackets > 100, $"{line.LostPackets} packets were lost");
        Assert.True(line.BrokenConnections > 0);
    }

    [Fact]
    public async Task An_index_other_than_its_manifest_says_is_refused_before_anything_is_written()
    {
        var index = New.RootIndex!.ToArray();
        index[^1] ^= 1;
        using var server = new TestServer(request => request.Path.EndsWith(".idx", StringComparison.Ordinal) ? TestServer.Part(index, request) : Answer(request));
        var disk = new RecordingDisk(TestDisk.Make());
        Directory.Delete(_paths.BlockIndexes, recursive: true);

        await Assert.ThrowsAsync<InvalidDataException>(() => InstallAsync(disk, server));

        Assert.DoesNotContain(disk.Operations, operation => !operation.IsFlush);
    }

    [Fact]
    public async Task An_index_of_another_image_is_not_blamed_on_the_medium()
    {
        var other = New.Root.ToArray();
        other[^1] ^= 1;
        var release = New with { Manifest = New.Manifest with { Root = New.Manifest.Root with { Sha256 = Convert.ToHexStringLower(SHA256.HashData(other)) } } };
        using var server = new TestServer(request => request.Path.EndsWith("manifest.json", StringComparison.Ordinal) ? TestServer.Ok(release.Manifest.ToJson()) : Answer(request));
        var disk = new RecordingDisk(TestDisk.Make());

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => InstallAsync(disk, server));

        Assert.Contains("root.squashfs.idx: describes another image than root.squashfs", error.Message);
        AssertUntouched(disk);
    }

    [Fact]
    public async Task A_sector_of_the_slot_that_cannot_be_read_is_written()
    {
        using var server = new TestServer(Answer);
        var fails = true;
        var disk = new RecordingDisk(TestDisk.Make())
        {
            Distort = (name, _, read) =>
            {
                if (fails && name == "firn-root-b" && read.Length < 100_000) throw new IOException("medium error");
            },
        };

        await InstallAsync(disk, server);

        fails = false;
        AssertInstalled(disk);
    }

    [Fact]
    public async Task A_local_release_is_taken_from_its_directory_and_what_is_there_stays()
    {
        var disk = new RecordingDisk(TestDisk.Make());
        Old.Root.CopyTo(TestDisk.Partition(disk.Content, DiskLayout.RootPartition(Slot.B)));
        using var source = ReleaseSource.Of(New.WriteTo(_scratch.File("release")));

        var result = await new UpdateInstaller(disk, new GrubBootLoader(disk), _paths).InstallAsync(source, new(Tries: 3), null, Token);

        AssertInstalled(disk);
        Assert.InRange(result.Origins.Kept, RootBytes - 120_000, RootBytes);
        Assert.Equal(0, result.Origins.Slots);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_mirror_that_sends_wrong_bytes_or_ends_is_left_for_the_next(bool isForger)
    {
        var wrong = New.Root.Select(value => (byte)~value).ToArray();
        using var bad = new TestServer(request => !IsRoot(request) ? Answer(request)
            : isForger ? TestServer.Part(wrong, request) : TestServer.Part(New.Root, request, sent: Math.Min(1000, (int)(request.RangeEnd! - request.RangeStart))));
        using var good = new TestServer(Answer);
        Directory.Delete(_paths.BlockIndexes, recursive: true);
        var disk = new RecordingDisk(TestDisk.Make());
        using var source = new TwoMirrors(bad.Address, good.Address);

        await new UpdateInstaller(disk, new GrubBootLoader(disk), _paths).InstallAsync(source, new(Tries: 3), null, Token);

        AssertInstalled(disk);
        Assert.Contains(good.Requests, path => path.EndsWith("root.squashfs", StringComparison.Ordinal));
        Assert.InRange(good.Requests.Count, 1, 3);
    }

    /// <summary>The first, until it is distrusted.</summary>
    private sealed class TwoMirrors(Uri first, Uri second) : IReleaseSource
    {
        private readonly HttpReleaseSource _second = new(second, new());
        private HttpReleaseSource _current = new(first, new() { StallTimeout = TimeSpan.FromSeconds(2) });

        public string Name => _current.Name;
        public bool IsRemote => true;
        public Task<ReleaseManifest> ReadManifestAsync(CancellationToken cancellation) => _current.ReadManifestAsync(cancellation);
        public Task<Stream> OpenAsync(ReleaseImage image, CancellationToken cancellation) => _current.OpenAsync(image, cancellation);
        public Task<Stream> OpenRangeAsync(string file, long offset, long length, CancellationToken cancellation) =>
            _current.OpenRangeAsync(file, offset, length, cancellation);

        public bool Distrust(string file)
        {
            var isNew = _current != _second;
            _current = _second;
            return isNew;
        }

        public void Dispose() => _second.Dispose();
    }

    [Fact]
    public async Task The_network_is_not_used_faster_than_it_may_be()
    {
        using var server = new TestServer(Answer);
        var disk = new RecordingDisk(TestDisk.Make());
        var begun = System.Diagnostics.Stopwatch.StartNew();

        var result = await InstallAsync(disk, server, new(Tries: 3, BytesPerSecond: 2_000_000));

        Assert.InRange(begun.Elapsed.TotalSeconds, 0.9 * result.Origins.Source / 2_000_000, 60);
    }
}
