using Firn.Linux.Mounts;

namespace Firn.Tests.Linux.Mounts;

public sealed class MountTableTests
{
    [Fact]
    public void A_line_of_the_kernel_is_understood()
    {
        var entry = Assert.Single(MountTable.Parse(
            [@"36 35 254:4 / /mnt\040a rw,noatime master:1 shared:2 - squashfs /dev/vda4 ro,errors=continue", ""]));

        Assert.Equal(new MountEntry("/mnt a", "squashfs", "/dev/vda4", 254, 4), entry);
    }

    [Theory]
    [InlineData("36 35 254:4 / / rw")]
    [InlineData("36 35 254 / / rw - ext4 x rw")]
    [InlineData("36 35 a:4 / / rw - ext4 x rw")]
    [InlineData("nonsense")]
    public void Anything_else_is_invalid(string line) =>
        Assert.Throws<InvalidDataException>(() => MountTable.Parse([line]));

    [Fact]
    public void The_table_of_this_machine_is_understood() =>
        Assert.Contains(MountTable.Parse(File.ReadLines("/proc/self/mountinfo")), entry => entry.MountPoint == "/proc");
}
