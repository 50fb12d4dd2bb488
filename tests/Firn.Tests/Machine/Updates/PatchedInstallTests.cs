using Firn.Formats.Boot;
using Firn.Formats.Payloads;
using Firn.Formats.Releases;
using Firn.Formats.Trees;
using Firn.Images.Deltas;
using Firn.Machine.Boot;
using Firn.Machine.Updates;
using Firn.Tests.Formats;
using Firn.Tests.Images.Deltas;
using SquashImages = Firn.Tests.Formats.SquashFs.Images;

namespace Firn.Tests.Machine.Updates;

/// <summary>Releases with packs: what is in the running slot is patched below its compression.</summary>
public sealed class PatchedInstallTests : IDisposable
{
    private static readonly TestRelease Old = Release("1", 0), New = Release("2", 1);
    private static readonly Dictionary<string, byte[]> Files = WithPacks(Old, New, out Packed);
    private static readonly ReleaseManifest Packed;

    private readonly ScratchDirectory _scratch = new();
    private readonly MachinePaths _paths;

    public PatchedInstallTests() => _paths = new(_scratch.File("machine"));

    public void Dispose() => _scratch.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Programs that differ in a few places, text, and a kernel.</summary>
    private static TestRelease Release(string version, int change)
    {
        var tree = new FileTree();
        for (var i = 0; i < 40; i++)
        {
            var program = SquashImages.Noise(40_000, seed: i);
            if (i % 2 == 0) SquashImages.Noise(change * 9, seed: 100 + i).CopyTo(program, 5000 + i * 7);
            tree.Put($"usr/lib/lib{i}.so", SquashImages.File(program));
        }
        tree.Put("etc/os-release", SquashImages.File(System.Text.Encoding.UTF8.GetBytes($"VERSION={version}\n")));
        var kernel = SquashImages.Noise(600_000, seed: 1000);
        kernel[1000 + change] ^= 1;
        return TestRelease.Of(version, SquashImages.Write(tree), kernel);
    }

    private static Dictionary<string, byte[]> WithPacks(TestRelease old, TestRelease target, out ReleaseManifest manifest)
    {
        var files = new Dictionary<string, byte[]> { [target.Manifest.Root.File] = target.Root, [target.Manifest.Boot.File] = target.Boot };
        manifest = target.Manifest with
        {
            Root = Describe(target.Manifest.Root, old.Manifest.Root, Packs.Open(old.Root), Packs.Open(target.Root)),
            Boot = Describe(target.Manifest.Boot, old.Manifest.Boot, Packs.OpenBoot(old.Boot), Packs.OpenBoot(target.Boot)),
        };
        files[ReleaseManifest.FileName] = manifest.ToJson();
        return files;

        ReleaseImage Describe(ReleaseImage image, ReleaseImage oldImage, PackImage from, PackImage to)
        {
            var (index, pack) = (to.Index.ToBytes(), Packs.Build(from, to));
            (files[$"{image.File}.idx"], files[$"{image.File}.pack"]) = (index, pack);
            return image with
            {
                Index = ReleaseFile.Of($"{image.File}.idx", index, to.Index.Head.SizeBytes),
                Deltas = [new("1", oldImage.Sha256, ReleaseFile.Of($"{image.File}.pack", pack, PackHead.Read(pack).SizeBytes))],
            };
        }
    }

    private static RecordingDisk Disk() => new(TestDisk.Make(make: _ => Old));

    private static byte[] Answer(TestRequest request) => Answer(request, Files[Path.GetFileName(request.Path)]);

    private static byte[] Answer(TestRequest request, byte[] file) =>
        request.RangeEnd is null ? TestServer.Ok(file) : TestServer.Part(file, request);

    private static bool IsPack(TestRequest request) => request.Path.EndsWith(".pack", StringComparison.Ordinal);

    private async Task<InstallResult> InstallAsync(RecordingDisk disk, TestServer server, InstallOptions? options = null)
    {
        using var source = new HttpReleaseSource(server.Address, new());
        return await new UpdateInstaller(disk, new GrubBootLoader(disk), _paths).InstallAsync(source, options ?? new(Tries: 3), null, Token);
    }

    private static void AssertInstalled(RecordingDisk disk)
    {
        Assert.Equal(Slot.B, new GrubBootLoader(disk).Read().Trial?.Slot);
        Assert.Equal("2", new SlotStore(disk).CheckComplete(Slot.B, Token).Version);
        Assert.True(TestDisk.Partition(disk.Content, DiskLayout.BootPartition(Slot.B)).StartsWith(New.Boot));
    }

    [Fact]
    public async Task Nothing_but_packs_is_fetched_and_the_plan_says_so()
    {
        using var server = new TestServer(Answer);
        var disk = Disk();
        using var source = new HttpReleaseSource(server.Address, new());

        var plan = await new UpdateInstaller(disk, new GrubBootLoader(disk), _paths).PlanAsync(source, null, Token);
        lock (server.Requests) server.Requests.Clear();
        var result = await InstallAsync(disk, server);

        AssertInstalled(disk);
        Assert.Equal(Files["root.squashfs.pack"].Length + Files["boot.img.pack"].Length, result.Origins.Source);
        Assert.Equal((plan.SourceBytes, plan.Root.PatchedBytes + plan.Boot.PatchedBytes), (result.Origins.Source, result.Origins.Patches));
        Assert.All(server.Requests, path => Assert.Matches("manifest.json|pack$", path));
        Assert.Equal(1 + plan.Requests, server.Requests.Count);
        Assert.Equal(6, plan.Requests);
    }

    [Fact]
    public async Task With_little_memory_blocks_are_fetched()
    {
        using var server = new TestServer(Answer);
        var disk = Disk();

        var result = await InstallAsync(disk, server, new(Tries: 3, MemoryBytes: 8 << 20));

        AssertInstalled(disk);
        Assert.Equal(0, result.Origins.Patches);
        Assert.True(result.Origins.Slots > 0);
    }

    [Theory]
    [InlineData(0)]    // the head
    [InlineData(300)]    // the plan
    [InlineData(-1)]    // a frame
    public async Task A_damaged_pack_costs_the_blocks_it_would_have_made(int place)
    {
        using var server = new TestServer(request =>
        {
            var file = Files[Path.GetFileName(request.Path)].ToArray();
            if (IsPack(request)) file[place < 0 ? file.Length + place : place] ^= 1;
            return Answer(request, file);
        });
        var disk = Disk();

        var result = await InstallAsync(disk, server);

        AssertInstalled(disk);
        Assert.Equal(0, result.Origins.Patches);
    }

    [Fact]
    public async Task A_pack_that_is_not_there_costs_the_blocks_it_would_have_made()
    {
        using var server = new TestServer(request => IsPack(request) ? TestServer.NotFound : Answer(request));
        var disk = Disk();

        await InstallAsync(disk, server);

        AssertInstalled(disk);
    }

    [Fact]
    public async Task A_pack_that_vanishes_while_it_is_used_costs_the_blocks_it_would_have_made()
    {
        var asked = 0;
        using var server = new TestServer(request => IsPack(request) && ++asked > 4 ? TestServer.NotFound : Answer(request));
        var disk = Disk();

        var result = await InstallAsync(disk, server);

        AssertInstalled(disk);
        Assert.Equal(0, result.Origins.Patches);
    }

    [Fact]
    public async Task A_server_without_ranges_sends_packs_whole()
    {
        using var server = new TestServer(request => TestServer.Ok(Files[Path.GetFileName(request.Path)]));
        var disk = Disk();

        var result = await InstallAsync(disk, server);

        AssertInstalled(disk);
        Assert.True(result.Origins.Patches > 0);
    }

    [Fact]
    public async Task Old_content_that_has_changed_costs_blocks_only()
    {
        using var server = new TestServer(Answer);
        var disk = Disk();
        await File.WriteAllBytesAsync(Path.Combine(Directory.CreateDirectory(_paths.BlockIndexes).FullName, $"{Old.Manifest.Root.Sha256}.idx"), Packs.Open(Old.Root).Index.ToBytes(), Token);
        var root = TestDisk.Partition(disk.Content, DiskLayout.RootPartition(Slot.A))[..Old.Root.Length];
        for (var at = 200; at < root.Length; at += 90_000) root[at] ^= 0x55;

        var result = await InstallAsync(disk, server);

        Assert.Equal("2", new SlotStore(disk).CheckComplete(Slot.B, Token).Version);
        Assert.True(result.Origins.Source > Files["root.squashfs.pack"].Length + Files["boot.img.pack"].Length);
    }

    [Fact]
    public async Task A_release_that_was_changed_in_the_slot_itself_is_not_patched()
    {
        using var server = new TestServer(Answer);
        var disk = new RecordingDisk(TestDisk.Make(make: _ => Release("1", 7)));

        var result = await InstallAsync(disk, server);

        AssertInstalled(disk);
        Assert.Equal(0, result.Origins.Patches);
    }

    [Fact]
    public async Task An_install_that_was_broken_off_needs_only_the_frames_that_are_missing()
    {
        var disk = Disk();
        New.Root.CopyTo(TestDisk.Partition(disk.Content, DiskLayout.RootPartition(Slot.B)));
        using var server = new TestServer(Answer);

        var result = await InstallAsync(disk, server);

        AssertInstalled(disk);
        Assert.InRange(result.Origins.Kept, New.Root.Length, New.Root.Length + New.Boot.Length);
        Assert.InRange(result.Origins.Source, 1, Files["root.squashfs.pack"].Length + Files["boot.img.pack"].Length - 1);
    }
}
