using Firn.Formats.Boot;
using Firn.Formats.Grub;
using Firn.Machine.Boot;
using Firn.Machine.Updates;

namespace Firn.Tests.Machine.Crashes;

/// <summary>
/// Every power cut that lives of a disk can meet, and that the checker finds what it is there to find. What a state is, and
/// what must hold in it: decision 0050.
/// </summary>
public sealed class CrashConsistencyTests
{
    private const int Samples = 700, SamplesOfMutant = 150;

    private static RecordedLife Fresh() => new(Disk(new(Slot.A)), "1");

    private static byte[] Disk(BootState state, string? versionB = null) => TestDisk.Make(state, versionB, make: RecordedLife.Release);

    [Fact]
    public async Task No_power_cut_in_any_of_these_lives_leaves_a_disk_without_a_complete_system()
    {
        var lives = new (string Name, Func<Task<RecordedLife>> Live)[]
        {
            ("first update, tried twice, confirmed, rolled back", UpdateAndRollbackAsync),
            ("two updates, from slot to slot", TwoUpdatesAsync),
            ("update over a pending trial", OverPendingTrialAsync),
            ("downloaded first, installed later", DownloadedFirstAsync),
            ("trial given up, recorded, tried again by hand", GivenUpAsync),
            ("after a power cut between the two copies of the state", AfterTornStateAsync),
            ("install broken off, and done again", BrokenOffAsync),
        };
        var total = 0;
        var begun = System.Diagnostics.Stopwatch.StartNew();

        foreach (var (name, live) in lives)
        {
            using var life = await live();
            var problem = life.FirstProblem(Samples, out var states);
            Assert.True(problem is null, $"{name}: {problem}");
            total += states;
            Report($"{name}: {life.Operations.Count(operation => !operation.IsFlush)} writes, "
                + $"{life.Operations.Count(operation => operation.IsFlush)} flushes, {states} states");
        }

        Report($"{total} different states of a disk after a power cut, {begun.Elapsed.TotalSeconds:0.0} s");
        Assert.True(total >= 100_000, $"only {total} states were visited");
    }

    [Theory]
    [InlineData("no flush of the root image", "is no complete release")]
    [InlineData("no flush of the boot image before it is woken", "is no complete release")]
    [InlineData("the trial before the images", "is no complete release|boot state")]
    [InlineData("the old slot is left awake", "is no complete release")]
    [InlineData("one flush for both copies of the state", "boot state cannot be read")]
    [InlineData("awake from the beginning", "is no complete release")]
    [InlineData("a write into the confirmed slot", "nothing can be loaded|GRUB starts")]
    public async Task The_checker_finds_an_order_that_is_wrong(string mutation, string expected)
    {
        using var life = await OverOldVersionAsync();
        Assert.Null(life.FirstProblem(SamplesOfMutant, out _));

        var problem = life.FirstProblem(Mutate([.. life.Operations], mutation), SamplesOfMutant, out var states);

        Report($"{mutation}: {problem ?? "nothing found"} ({states} states)");
        Assert.Matches(expected, Assert.IsType<string>(problem));
    }

    /// <summary>An operation that is left out becomes a flush of a partition that nothing writes.</summary>
    private static List<DiskOperation> Mutate(List<DiskOperation> operations, string mutation)
    {
        var nothing = new DiskOperation(DiskLayout.BiosPartition, 0, null);
        var boot = operations.FindAll(operation => operation is { Partition: "firn-boot-b", IsFlush: false });
        var wake = operations.IndexOf(boot[^1]);
        switch (mutation)
        {
            case "no flush of the root image":
                return [.. operations.Select(operation => operation is { Partition: "firn-root-b", IsFlush: true } ? nothing : operation)];
            case "no flush of the boot image before it is woken":
                return [.. operations.Select((operation, at) => operation is { Partition: "firn-boot-b", IsFlush: true } && at < wake ? nothing : operation)];
            case "the trial before the images":
                var esp = operations.FindAll(operation => operation.Partition == DiskLayout.EspPartition);
                return [.. esp, .. operations.Except(esp)];
            case "the old slot is left awake":
                operations[operations.IndexOf(boot[0])] = nothing;
                return operations;
            case "one flush for both copies of the state":
                var first = operations.FindIndex(operation => operation is { Partition: DiskLayout.EspPartition, IsFlush: true });
                operations[first] = nothing;
                return operations;
            case "awake from the beginning":
                operations.RemoveAt(wake);
                operations.Insert(operations.FindIndex(operation => operation.Partition == "firn-root-b"), boot[^1]);
                return operations;
            default:
                operations[wake] = boot[^1] with { Partition = "firn-boot-a", Offset = TestDisk.Table().Find("firn-boot-a")!.OffsetBytes };
                return operations;
        }
    }

    private static async Task<RecordedLife> UpdateAndRollbackAsync()
    {
        var life = Fresh();
        await life.InstallAsync("2");
        life.BootOnTrial();
        life.BootOnTrial();
        life.Write(state => state.Confirm(Slot.B));
        life.Do(disk => new UpdateControl(disk, new GrubBootLoader(disk), new(), TimeProvider.System).Rollback(CancellationToken.None));
        return life;
    }

    private static async Task<RecordedLife> TwoUpdatesAsync()
    {
        var life = Fresh();
        await life.InstallAsync("2");
        life.BootOnTrial();
        life.Write(state => state.Confirm(Slot.B));
        await life.InstallAsync("3");
        life.BootOnTrial();
        life.Write(state => state.Confirm(Slot.A));
        life.Do(disk => new BootControl(disk, new GrubBootLoader(disk)).Set(Slot.B, CancellationToken.None));
        return life;
    }

    private static async Task<RecordedLife> OverPendingTrialAsync()
    {
        var life = new RecordedLife(Disk(new BootState(Slot.A, null, 0, 1).Try(Slot.B, 3), "2"), "1", "2");
        await life.InstallAsync("3");
        return life;
    }

    private static async Task<RecordedLife> OverOldVersionAsync()
    {
        var life = new RecordedLife(Disk(new(Slot.A, null, 0, 1), "2"), "1", "2");
        await life.InstallAsync("3");
        return life;
    }

    private static async Task<RecordedLife> DownloadedFirstAsync()
    {
        var life = new RecordedLife(Disk(new(Slot.A, null, 0, 1), "2"), "1", "2");
        await life.InstallAsync("3", downloadOnly: true);
        await life.InstallAsync("3");
        return life;
    }

    private static async Task<RecordedLife> GivenUpAsync()
    {
        var life = Fresh();
        await life.InstallAsync("2");
        life.BootOnTrial();
        life.Write(state => state.Abandon());
        life.Write(state => state.Settle());
        life.Do(disk => new BootControl(disk, new GrubBootLoader(disk)).Try(Slot.B, 2));
        return life;
    }

    /// <summary>Slot b is confirmed in the primary copy alone; the other one is from before.</summary>
    private static async Task<RecordedLife> AfterTornStateAsync()
    {
        var disk = Disk(new BootState(Slot.A, null, 0, 1).Try(Slot.B, 1), "2");
        new GrubEnvironment(new BootState(Slot.B, null, 0, 1).ToVariables()).WriteTo(TestDisk.Environment(disk, DiskLayout.PrimaryEnvironment));
        var life = new RecordedLife(disk, "1", "2");
        await life.InstallAsync("3");
        return life;
    }

    /// <summary>What a power cut while the root image was written left behind is where the next installation begins.</summary>
    private static async Task<RecordedLife> BrokenOffAsync()
    {
        using var first = await OverOldVersionAsync();
        var disk = Disk(new(Slot.A, null, 0, 1), "2");
        foreach (var write in first.Operations.Take(8).Where(operation => !operation.IsFlush))
            write.Bytes!.CopyTo(disk, write.Offset);
        var life = new RecordedLife(disk, "1", "2");
        await life.InstallAsync("3");
        return life;
    }

    private static void Report(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
