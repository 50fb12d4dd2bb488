using Firn.Linux.Processes;

namespace Firn.Tests.Linux.Processes;

public sealed class SystemRebootTests
{
    [Theory]
    [InlineData("Name:\tsh\nSigIgn:\t0000000000000006\nSigCgt:\t0000000000000002", true)]
    [InlineData("Name:\tsystemd\nSigCgt:\t7be3c0fe28014a03", true)]
    [InlineData("Name:\tsh\nSigIgn:\t0000000000000002\nSigCgt:\t0000000000010001", false)]
    [InlineData("Name:\tsh\nSigCgt:\tnothing", false)]
    [InlineData("", false)]
    public void Only_a_first_process_that_catches_it_is_told_by_a_signal_to_restart(string status, bool catches) =>
        Assert.Equal(catches, SystemReboot.CatchesInterrupt(status.Split('\n')));
}
