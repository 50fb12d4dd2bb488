using Firn.Formats.Boot;
using Firn.Machine.Boot;

namespace Firn.Tests.Machine.Boot;

public sealed class RunningBootTests
{
    [Fact]
    public void What_the_boot_loader_said_is_understood() => Assert.Equal(
        new RunningBoot(Slot.B, true, 12, Slot.A, TimeSpan.FromSeconds(300)),
        RunningBoot.Parse("BOOT_IMAGE=/vmlinuz firn.slot=a quiet firn.slot=b firn.trial=1 firn.install=12 firn.confirmed=a firn.deadline=300\n"));

    [Fact]
    public void What_was_not_said_is_not_known() => Assert.Equal(
        new RunningBoot(Slot.Rescue, false, 0, null, null), RunningBoot.Parse("firn.slot=rescue firn.other=x"));

    [Fact]
    public void Another_system_is_told_apart() =>
        Assert.Contains("firn.slot", Assert.Throws<RefusedException>(() => RunningBoot.Parse("root=/dev/sda1 ro quiet")).Message);

    [Theory]
    [InlineData("firn.slot=c")]
    [InlineData("firn.slot=a firn.install=-1")]
    [InlineData("firn.slot=a firn.install=99999999999")]
    [InlineData("firn.slot=a firn.deadline=soon")]
    [InlineData("firn.slot=a firn.confirmed=x")]
    public void Nonsense_is_invalid(string commandLine) =>
        Assert.Throws<InvalidDataException>(() => RunningBoot.Parse(commandLine));
}
