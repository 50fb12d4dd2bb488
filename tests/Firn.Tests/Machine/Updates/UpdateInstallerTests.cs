using Firn.Formats.Boot;
using Firn.Machine.Boot;
using Firn.Machine.Updates;

namespace Firn.Tests.Machine.Updates;

public sealed class UpdateInstallerTests : IDisposable
{
    private readonly Formats.ScratchDirectory _scratch = new();
    private int _releases;

    public void Dispose() => _scratch.Dispose();

    private string Write(TestRelease release) => release.WriteTo(_scratch.File($"release{_releases++}"));

    private static async Task<InstallResult> Install(RecordingDisk disk, string source, IProgress<InstallProgress>? progress = null)
    {
        using var release = ReleaseSource.Of(source);
        return await new UpdateInstaller(disk, new GrubBootLoader(disk))
            .InstallAsync(release, new(Tries: 3), progress, TestContext.Current.CancellationToken);
    }

    /// <summary>What must hold after every failure.</summary>
    private static void AssertUntouched(RecordingDisk disk, BootState state)
    {
        Assert.Equal(state, new GrubBootLoader(disk).Read());
        new SlotStore(disk).CheckComplete(state.Confirmed, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_release_goes_to_the_idle_slot_and_is_tried_next()
    {
        var disk = new RecordingDisk(TestDisk.Make());
        var release = TestRelease.Make("2");

        var result = await Install(disk, Write(release));

        var bytes = release.Boot.Length + release.Root.Length;
        Assert.Equal(new InstallResult(Slot.B, 1, "test-os", "2", 3, WasThere: false, new(Source: bytes)), result);
        Assert.Equal(new(Slot.A, new(Slot.B, 3), 0, 1), new GrubBootLoader(disk).Read());
        Assert.True(TestDisk.Partition(disk.Content, DiskLayout.BootPartition(Slot.B)).StartsWith(release.Boot));
        Assert.True(TestDisk.Partition(disk.Content, DiskLayout.RootPartition(Slot.B)).StartsWith(release.Root));
        Assert.True(TestDisk.Partition(disk.Content, DiskLayout.BootPartition(Slot.A)).StartsWith(TestRelease.Make("1").Boot));
    }

    [Fact]
    public async Task The_order_of_writing_keeps_a_half_written_slot_from_booting()
    {
        var disk = new RecordingDisk(TestDisk.Make());

        await Install(disk, Write(TestRelease.Make("2")));

        // a slot that holds no boot image is asleep already: nothing is written for that
        var steps = disk.Operations.Select(operation => operation switch
        {
            { IsFlush: true } => $"flush {operation.Partition}",
            { Partition: "firn-boot-b", Bytes.Length: 4096 } => "wake",
            _ => operation.Partition,
        }).Aggregate(new List<string>(), (list, step) =>
        {
            if (list.LastOrDefault() != step) list.Add(step);
            return list;
        });
        Assert.Equal(
            [
                "flush firn-boot-b", "firn-root-b", "flush firn-root-b", "firn-boot-b", "flush firn-boot-b",
                "wake", "flush firn-boot-b",
                "firn-esp", "flush firn-esp", "firn-esp", "flush firn-esp",
            ], steps);
    }

    [Fact]
    public async Task What_the_slot_holds_already_is_not_written_again()
    {
        var disk = new RecordingDisk(TestDisk.Make(versionB: "2"));

        var result = await Install(disk, Write(TestRelease.Make("2")));

        Assert.True(result.WasThere);
        Assert.DoesNotContain(disk.Operations, operation => !operation.IsFlush && operation.Partition != DiskLayout.EspPartition);
        Assert.Equal(new(Slot.A, new(Slot.B, 3), 0, 1), new GrubBootLoader(disk).Read());
    }

    [Fact]
    public async Task A_slot_that_differs_in_a_single_byte_is_written()
    {
        var content = TestDisk.Make(versionB: "2");
        TestDisk.Partition(content, DiskLayout.RootPartition(Slot.B))[^(TestDisk.RootPartitionBytes - 2_000_000)] ^= 1;
        var disk = new RecordingDisk(content);

        Assert.False((await Install(disk, Write(TestRelease.Make("2")))).WasThere);

        new SlotStore(disk).CheckComplete(Slot.B, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_failing_disk_leaves_the_confirmed_slot_and_the_state_whenever_it_fails()
    {
        var source = Write(TestRelease.Make("2"));
        var content = TestDisk.Make();
        var whole = new RecordingDisk([.. content]);
        await Install(whole, source);
        var firstStateWrite = whole.Operations.FindIndex(operation => operation.Partition == DiskLayout.EspPartition);

        for (var operation = 0; operation <= firstStateWrite; operation++)
        {
            var disk = new RecordingDisk([.. content]) { FailsAt = operation };
            await Assert.ThrowsAsync<IOException>(() => Install(disk, source));
            AssertUntouched(disk, new(Slot.A));
        }
    }

    [Theory]
    [InlineData("firn-root-b")]
    [InlineData("firn-boot-b")]
    public async Task A_medium_that_does_not_keep_what_was_written_is_found_out(string partition)
    {
        var disk = new RecordingDisk(TestDisk.Make())
        {
            Distort = (name, offset, read) =>
            {
                if (name == partition && read.Length > 4096) read.Span[^1] ^= 1;
            },
        };

        var error = await Assert.ThrowsAsync<IOException>(() => Install(disk, Write(TestRelease.Make("2"))));

        Assert.Contains("read back", error.Message);
        disk.Distort = null;
        AssertUntouched(disk, new(Slot.A));
        Assert.False(new SlotStore(disk).Report(Slot.B, 0).CanBoot);
    }

    [Theory]
    [InlineData("boot.img")]
    [InlineData("root.squashfs")]
    public async Task An_image_other_than_its_manifest_says_never_becomes_bootable(string file)
    {
        var source = Write(TestRelease.Make("2"));
        var path = Path.Combine(source, file);
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        var disk = new RecordingDisk(TestDisk.Make(versionB: "1"));

        Assert.Contains("SHA-256", (await Assert.ThrowsAsync<InvalidDataException>(() => Install(disk, source))).Message);

        AssertUntouched(disk, new(Slot.A));
        Assert.False(new SlotStore(disk).Report(Slot.B, 0).CanBoot);
    }

    [Fact]
    public async Task A_missing_or_truncated_image_costs_the_idle_slot_nothing()
    {
        var missing = Write(TestRelease.Make("2"));
        File.Delete(Path.Combine(missing, "boot.img"));
        var truncated = Write(TestRelease.Make("2"));
        await File.WriteAllBytesAsync(Path.Combine(truncated, "root.squashfs"), new byte[100], TestContext.Current.CancellationToken);
        var disk = new RecordingDisk(TestDisk.Make(versionB: "1"));

        await Assert.ThrowsAsync<FileNotFoundException>(() => Install(disk, missing));
        await Assert.ThrowsAsync<InvalidDataException>(() => Install(disk, truncated));

        Assert.Empty(disk.Operations);
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_before_the_first_byte()
    {
        var disk = new RecordingDisk(TestDisk.Make());

        Assert.Contains("has room for", (await Assert.ThrowsAsync<RefusedException>(
            () => Install(disk, Write(TestRelease.Make("2", rootBytes: TestDisk.RootPartitionBytes + 1))))).Message);
        Assert.Contains("is for other-pc", (await Assert.ThrowsAsync<RefusedException>(
            () => Install(disk, Write(TestRelease.Make("2", hardware: "other-pc"))))).Message);
        Assert.Empty(disk.Operations);
    }

    [Fact]
    public async Task A_system_on_trial_does_not_overwrite_the_one_that_is_known_to_work()
    {
        var disk = new RecordingDisk(
            TestDisk.Make(new BootState(Slot.A, new(Slot.B, 2), 0, 1), "2"), new(Slot.B, true, 1, Slot.A, null));

        var error = await Assert.ThrowsAsync<RefusedException>(() => Install(disk, Write(TestRelease.Make("3"))));

        Assert.Contains("firn update confirm", error.Message);
        Assert.Empty(disk.Operations);
    }

    [Fact]
    public async Task The_rescue_system_can_install()
    {
        var content = TestDisk.Make(new(Slot.A), versionRescue: "r");
        TestDisk.Partition(content, DiskLayout.BootPartition(Slot.A))[..4096].Clear();
        var disk = new RecordingDisk(content, new(Slot.Rescue, false, 0, Slot.A, null));

        Assert.Equal(Slot.B, (await Install(disk, Write(TestRelease.Make("2")))).Slot);
    }

    [Fact]
    public async Task Two_installations_at_once_are_one_too_many()
    {
        var disk = new RecordingDisk(TestDisk.Make());
        using var other = disk.Lock();

        await Assert.ThrowsAsync<RefusedException>(() => Install(disk, Write(TestRelease.Make("2"))));
    }

    [Fact]
    public async Task What_cannot_be_recorded_stays_asleep()
    {
        var disk = new RecordingDisk(TestDisk.Make(versionB: "1"));
        using var release = ReleaseSource.Of(Write(TestRelease.Make("2")));

        var error = await Assert.ThrowsAsync<IOException>(() => new UpdateInstaller(
            disk, new GrubBootLoader(disk), null, (_, _) => throw new IOException("no space left on device"))
            .InstallAsync(release, new(), null, TestContext.Current.CancellationToken));

        Assert.Equal("no space left on device", error.Message);
        AssertUntouched(disk, new(Slot.A));
        Assert.False(new SlotStore(disk).Report(Slot.B, 0).CanBoot);
    }

    [Fact]
    public async Task Progress_covers_every_step_to_its_end()
    {
        var reports = new List<InstallProgress>();

        await Install(new(TestDisk.Make()), Write(TestRelease.Make("2")), new Collector(reports));

        Assert.Equal(
            [InstallStep.WriteRoot, InstallStep.VerifyRoot, InstallStep.WriteBoot, InstallStep.VerifyBoot],
            reports.Where(report => report.DoneBytes == report.TotalBytes).Select(report => report.Step));
    }

    [Fact]
    public async Task A_cancelled_installation_leaves_the_state()
    {
        using var cancellation = new CancellationTokenSource();
        var disk = new RecordingDisk(TestDisk.Make());
        using var release = ReleaseSource.Of(Write(TestRelease.Make("2")));
        var cancelling = new Collector([], report =>
        {
            if (report.Step == InstallStep.VerifyRoot) cancellation.Cancel();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new UpdateInstaller(disk, new GrubBootLoader(disk)).InstallAsync(release, new(Tries: 3), cancelling, cancellation.Token));

        AssertUntouched(disk, new(Slot.A));
    }

    private sealed class Collector(List<InstallProgress> reports, Action<InstallProgress>? then = null) : IProgress<InstallProgress>
    {
        public void Report(InstallProgress value)
        {
            reports.Add(value);
            then?.Invoke(value);
        }
    }
}
