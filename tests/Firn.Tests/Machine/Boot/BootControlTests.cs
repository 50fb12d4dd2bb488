using Firn.Formats.Boot;
using Firn.Machine.Boot;

namespace Firn.Tests.Machine.Boot;

public sealed class BootControlTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static BootControl Over(RecordingDisk disk) => new(disk, new GrubBootLoader(disk));

    [Fact]
    public void What_boots_and_what_slots_hold_is_reported()
    {
        var disk = new RecordingDisk(
            TestDisk.Make(new BootState(Slot.A, null, 0, 1).Try(Slot.B, 2)),
            new(Slot.A, false, 0, Slot.A, null));

        var report = Over(disk).Show();

        Assert.Equal((Slot.A, Slot.A, Slot.B), (report.Running, report.Confirmed, report.Next));
        Assert.Equal(new TrialReport(Slot.B, 2, false, false), report.Trial);
        Assert.Equal([Slot.A, Slot.B], report.Slots.Select(slot => slot.Slot));
        Assert.Equal("1", report.Slots[0].Release!.Version);
        Assert.False(report.Slots[1].CanBoot);
        Assert.Contains("firn-boot-b", report.Slots[1].Problem);
        Assert.Equal(1, report.Slots[1].Install);
    }

    [Fact]
    public void A_trial_in_its_last_try_has_not_failed_yet()
    {
        var content = TestDisk.Make(new BootState(Slot.A, new(Slot.B, 0)), "2");

        Assert.False(Over(new(content, new(Slot.B, true, 1, Slot.A, null))).Show().Trial!.HasFailed);
        Assert.True(Over(new(content, new(Slot.A, false, 0, Slot.A, null))).Show().Trial!.HasFailed);
    }

    [Fact]
    public void A_slot_can_be_tried()
    {
        var disk = new RecordingDisk(TestDisk.Make(versionB: "2", versionRescue: "r"));

        Assert.Equal(Slot.B, Over(disk).Try(Slot.B, 2).Next);
        Assert.Equal(new(Slot.A, new(Slot.B, 2)), new GrubBootLoader(disk).Read());
        Assert.Equal(Slot.Rescue, Over(disk).Try(Slot.Rescue, 1).Next);
    }

    [Fact]
    public void What_cannot_boot_is_not_tried()
    {
        var disk = new RecordingDisk(TestDisk.Make());

        Assert.Contains("cannot boot", Assert.Throws<RefusedException>(() => Over(disk).Try(Slot.B, 2)).Message);
        Assert.Contains("is confirmed", Assert.Throws<RefusedException>(() => Over(disk).Try(Slot.A, 2)).Message);
        Assert.Contains("no slot rescue", Assert.Throws<RefusedException>(() => Over(disk).Try(Slot.Rescue, 2)).Message);
        Assert.Empty(disk.Operations);
    }

    [Fact]
    public void A_complete_slot_can_be_set()
    {
        var disk = new RecordingDisk(TestDisk.Make(new BootState(Slot.A, null, 4, 5).Try(Slot.B, 1), versionB: "2"));

        Over(disk).Set(Slot.B, Token);

        Assert.Equal(new(Slot.B, null, 4, 5), new GrubBootLoader(disk).Read());
    }

    [Fact]
    public void A_half_written_slot_is_not_set()
    {
        var content = TestDisk.Make(versionB: "2");
        TestDisk.Partition(content, DiskLayout.RootPartition(Slot.B))[1_000_000] ^= 1;
        var disk = new RecordingDisk(content);

        Assert.Contains("SHA-256", Assert.Throws<RefusedException>(() => Over(disk).Set(Slot.B, Token)).Message);
        Assert.Contains("rescue", Assert.Throws<RefusedException>(() => Over(new(TestDisk.Make(versionRescue: "r"))).Set(Slot.Rescue, Token)).Message);
        Assert.Empty(disk.Operations);
    }

    [Fact]
    public void Setting_a_slot_repairs_a_boot_state_that_cannot_be_read()
    {
        var content = TestDisk.Make();
        TestDisk.Environment(content, DiskLayout.PrimaryEnvironment).Clear();
        TestDisk.Environment(content, DiskLayout.BackupEnvironment).Clear();
        var disk = new RecordingDisk(content, new(Slot.A, false, 7, null, null));

        Over(disk).Set(Slot.A, Token);

        Assert.Equal(new(Slot.A, null, 7, 0), new GrubBootLoader(disk).Read());
    }

    [Fact]
    public void Two_at_once_do_not_change_one_disk()
    {
        var disk = new RecordingDisk(TestDisk.Make(versionB: "2"));
        using var other = disk.Lock();

        Assert.Contains("another firn", Assert.Throws<RefusedException>(() => Over(disk).Try(Slot.B, 1)).Message);
    }

    [Fact]
    public void A_damaged_boot_image_is_reported_whatever_the_damage()
    {
        var content = TestDisk.Make(versionB: "2");
        var partition = TestDisk.Table().Find(DiskLayout.BootPartition(Slot.B))!;
        var boot = content.AsSpan((int)partition.OffsetBytes, (int)partition.SizeBytes).ToArray();

        Formats.Damage.Check(boot, 60_000, (damaged, _) =>
        {
            damaged.CopyTo(content, partition.OffsetBytes);
            var report = new SlotStore(new RecordingDisk(content)).Report(Slot.B, 0);
            Assert.Equal(report.CanBoot, report.Release is not null);
        });
    }
}
