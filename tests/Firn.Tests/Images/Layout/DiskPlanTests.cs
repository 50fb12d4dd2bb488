using Firn.Formats.Gpt;
using Firn.Images.Layout;

namespace Firn.Tests.Images.Layout;

public sealed class DiskPlanTests
{
    private const long MiB = 1 << 20;
    private static Guid Identity(string name) => GptIds.Derive("test", name);

    [Fact]
    public void Partitions_follow_each_other_on_whole_mebibytes_under_the_numbers_GRUB_knows()
    {
        var plan = DiskPlan.Create(new(64 * MiB, 40 * MiB + 1, 100 * MiB, null, null, 256 * MiB), Identity);

        Assert.Equal(
            ["firn-bios", "firn-esp", "firn-boot-a", "firn-root-a", "firn-boot-b", "firn-root-b", "firn-data"],
            plan.Table.Partitions.Select(partition => partition.Name));
        Assert.Equal(Enumerable.Range(1, 7), plan.Table.Partitions.Select(partition => partition.Number));
        Assert.All(plan.Table.Partitions, partition => Assert.Equal(0, partition.OffsetBytes % MiB));
        Assert.Equal(41 * MiB, plan["firn-boot-b"].SizeBytes);
        Assert.Equal(DiskPlan.BootB, plan["firn-boot-b"].Number);
    }

    [Fact]
    public void A_rescue_slot_lies_before_the_data_partition()
    {
        var plan = DiskPlan.Create(new(64 * MiB, 40 * MiB, 100 * MiB, 20 * MiB, 60 * MiB, 256 * MiB), Identity);

        Assert.Equal(DiskPlan.BootRescue, plan["firn-boot-r"].Number);
        Assert.Equal(9, plan["firn-data"].Number);
        Assert.Equal(60 * MiB, plan["firn-root-r"].SizeBytes);
    }

    [Fact]
    public void A_disk_that_is_too_small_for_its_partitions_is_refused_with_both_sizes()
    {
        var sizes = new DiskSizes(64 * MiB, 40 * MiB, 100 * MiB, null, null, 256 * MiB, Disk: 500 * MiB);

        var error = Assert.Throws<InvalidDataException>(() => DiskPlan.Create(sizes, Identity));

        Assert.Contains("500 MiB", error.Message);
        Assert.Contains("603 MiB", error.Message);
    }

    [Theory]
    [InlineData(10, 74)]
    [InlineData(400, 600)]
    public void A_slot_has_room_for_newer_images(long imageMiB, long slotMiB) =>
        Assert.Equal(slotMiB * MiB, DiskPlan.SlotFor(imageMiB * MiB));
}
