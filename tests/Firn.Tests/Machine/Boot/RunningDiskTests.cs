using Firn.Formats.Boot;
using Firn.Linux.Block;
using Firn.Machine.Boot;

namespace Firn.Tests.Machine.Boot;

public sealed class RunningDiskTests
{
    [Fact]
    public void The_disk_is_the_one_that_the_root_filesystem_is_on()
    {
        using var machine = new FakeMachine(TestDisk.Make(), "firn.slot=a firn.install=3");
        // and another disk with partitions of the same names
        machine.Write("sys/devices/vdb/vdb2/partition", "2\n");
        machine.Write("sys/devices/vdb/vdb2/uevent", "DEVNAME=vdb2\nPARTNAME=firn-esp\n");

        var disk = MachineDisk.OfRunningSystem(machine.Paths);

        Assert.EndsWith("/dev/vda", disk.Name);
        Assert.Equal(new(Slot.A, false, 3, null, null), disk.Running);
        using var esp = disk.OpenPartition(DiskLayout.EspPartition, BlockAccess.ReadOnly);
        Assert.Equal(machine.Device(DiskLayout.EspPartition), esp.Name);
        Assert.Equal(new(Slot.A), new GrubBootLoader(disk).Read());
    }

    [Fact]
    public void Below_an_overlay_the_root_image_is_where_the_initramfs_put_it()
    {
        using var machine = new FakeMachine(TestDisk.Make(), "firn.slot=a firn.install=3");
        var image = File.ReadAllText(machine.Paths.MountTable).Replace(" / / ro,", " / /run/firn/root ro,");
        machine.Write("proc/self/mountinfo", image + "40 1 0:33 / / ro - overlay overlay ro\n");

        Assert.Equal(Slot.A, MachineDisk.OfRunningSystem(machine.Paths).Running!.Slot);
    }

    [Fact]
    public void With_verity_it_is_the_one_below_the_device_that_is_mounted()
    {
        using var machine = new FakeMachine(TestDisk.Make(), "firn.slot=a firn.install=3");
        Assert.Null(MachineDisk.OfRunningSystem(machine.Paths).Verity);
        var number = TestDisk.Table().Find(DiskLayout.RootPartition(Slot.A))!.Number;
        machine.Write("sys/devices/virtual/block/dm-0/dm/name", "firn-root-a\n");
        machine.Link("sys/devices/virtual/block/dm-0/slaves/vda", $"../../../../vda/vda{number}");
        machine.Link("sys/dev/block/253:0", "../../devices/virtual/block/dm-0");
        machine.Write("proc/self/mountinfo", "21 1 253:0 / / ro - squashfs /dev/mapper/firn-root-a ro\n");

        var disk = MachineDisk.OfRunningSystem(machine.Paths);

        Assert.EndsWith("/dev/vda", disk.Name);
        Assert.Equal(Slot.A, disk.Running!.Slot);
        Assert.Equal(RootVerity.Unknown, disk.Verity);    // nobody to ask here
    }

    [Fact]
    public void A_root_on_several_devices_is_not_one_of_ours()
    {
        using var machine = new FakeMachine(TestDisk.Make(), "firn.slot=a firn.install=3");
        machine.Write("sys/devices/virtual/block/dm-0/dm/name", "vg-root\n");
        machine.Link("sys/devices/virtual/block/dm-0/slaves/one", "../../../../vda/vda1");
        machine.Link("sys/devices/virtual/block/dm-0/slaves/two", "../../../../vda/vda2");
        machine.Link("sys/dev/block/253:0", "../../devices/virtual/block/dm-0");
        machine.Write("proc/self/mountinfo", "21 1 253:0 / / ro - ext4 /dev/mapper/vg-root ro\n");

        Assert.Contains("does not run from a Firn disk", Assert.Throws<RefusedException>(() => MachineDisk.OfRunningSystem(machine.Paths)).Message);
    }

    [Fact]
    public void The_rescue_system_runs_when_its_root_does_whatever_the_boot_loader_said()
    {
        using var machine = new FakeMachine(
            TestDisk.Make(versionRescue: "r"), "firn.slot=a firn.trial=1", DiskLayout.RootPartition(Slot.Rescue));

        var running = MachineDisk.OfRunningSystem(machine.Paths).Running!;

        Assert.Equal((Slot.Rescue, false), (running.Slot, running.IsTrial));
    }

    [Fact]
    public void A_root_that_contradicts_the_boot_loader_is_an_error()
    {
        using var machine = new FakeMachine(TestDisk.Make(), "firn.slot=b");

        Assert.Contains("expected firn-root-b", Assert.Throws<InvalidDataException>(
            () => MachineDisk.OfRunningSystem(machine.Paths)).Message);
    }

    [Fact]
    public void Two_partitions_of_one_name_on_the_disk_are_an_error()
    {
        using var machine = new FakeMachine(TestDisk.Make(), "firn.slot=a");
        machine.Write("sys/devices/vda/vda99/partition", "99\n");
        machine.Write("sys/devices/vda/vda99/uevent", "DEVNAME=vda99\nPARTNAME=firn-esp\n");

        Assert.Contains("two partitions are named firn-esp", Assert.Throws<InvalidDataException>(
            () => MachineDisk.OfRunningSystem(machine.Paths)).Message);
    }

    [Fact]
    public void A_system_that_runs_from_something_else_is_told_what_to_do()
    {
        using var machine = new FakeMachine(TestDisk.Make(), "firn.slot=a");
        machine.Write("proc/self/mountinfo", "21 1 0:33 / / rw - overlay overlay rw\n");

        Assert.Contains("--disk", Assert.Throws<RefusedException>(() => MachineDisk.OfRunningSystem(machine.Paths)).Message);
    }

    [Fact]
    public void Only_one_at_a_time_changes_it()
    {
        using var machine = new FakeMachine(TestDisk.Make(), "firn.slot=a");
        using var held = MachineDisk.OfRunningSystem(machine.Paths).Lock();

        Assert.Throws<RefusedException>(() => MachineDisk.OfRunningSystem(machine.Paths).Lock());
        Assert.Throws<RefusedException>(() => MachineDisk.OfRunningSystem(machine.Paths).Lock(TimeSpan.FromMilliseconds(60)));
    }
}
