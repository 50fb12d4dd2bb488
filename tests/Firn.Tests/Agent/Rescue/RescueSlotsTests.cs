using Firn.Agent.Rescue;
using Firn.Formats.Boot;
using Firn.Machine.Boot;
using Firn.Tests.Machine;

namespace Firn.Tests.Agent.Rescue;

public sealed class RescueSlotsTests
{
    private static readonly RunningBoot Rescue = new(Slot.Rescue, false, 0, Slot.A, null);
    private readonly JumpingClock _clock = new();

    [Fact]
    public async Task The_other_slot_is_tried_where_it_is_whole()
    {
        var disk = Disk(damaged: Slot.A);
        var offer = Assert.Single(await LookAsync(disk, RescueCause.RootImage));
        Assert.Equal("2 in slot b", offer.Words);

        await offer.TakeAsync(TestContext.Current.CancellationToken);
        Assert.Equal(new(Slot.A, new(Slot.B, 3)), new GrubBootLoader(disk).Read());
    }

    [Fact]
    public async Task Nothing_is_offered_where_nothing_is_whole()
    {
        var disk = Disk(damaged: Slot.A);
        TestDisk.Partition(disk.Content, DiskLayout.RootPartition(Slot.B))[5000] ^= 1;
        Assert.Empty(await LookAsync(disk, RescueCause.RootImage));
        Assert.Empty(await LookAsync(Disk(damaged: Slot.B), RescueCause.BootImages));
    }

    [Fact]
    public async Task The_confirmed_slot_is_given_time_and_then_started_again_if_it_is_whole()
    {
        var disk = Disk(damaged: Slot.B);
        var slots = Slots(disk, RescueCause.Overlay);
        Assert.Empty(await slots.LookAsync(_ => true, TestContext.Current.CancellationToken));

        await Task.Delay(RescueMemory.FirstPause, _clock, TestContext.Current.CancellationToken);
        var before = disk.Content.ToArray();
        var offer = Assert.Single(await slots.LookAsync(_ => true, TestContext.Current.CancellationToken));
        await offer.TakeAsync(TestContext.Current.CancellationToken);
        Assert.Equal("1 in slot a", offer.Words);
        Assert.Equal(before, disk.Content);
        Assert.Empty(await slots.LookAsync(_ => false, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Another_version_is_not_tried_for_want_of_an_overlay() =>
        Assert.Empty(await LookAsync(Disk(damaged: null), RescueCause.Overlay));

    private Task<IReadOnlyList<RescueOffer>> LookAsync(RecordingDisk disk, RescueCause cause) =>
        Slots(disk, cause).LookAsync(_ => true, TestContext.Current.CancellationToken);

    private RescueSlots Slots(RecordingDisk disk, RescueCause cause)
    {
        var loader = new GrubBootLoader(disk);
        return new(cause, new(disk), new(disk, loader), new(disk, loader, new("/nonexistent"), _clock), 3, _clock);
    }

    private static RecordingDisk Disk(Slot? damaged)
    {
        var content = TestDisk.Make(new(Slot.A), versionB: "2", versionRescue: "r");
        if (damaged is { } slot) TestDisk.Partition(content, DiskLayout.RootPartition(slot))[5000] ^= 1;
        return new(content, Rescue);
    }
}
