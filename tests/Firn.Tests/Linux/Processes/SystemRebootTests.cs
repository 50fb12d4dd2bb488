using Firn.Linux.Processes;

namespace Firn.Tests.Linux.Processes;

public sealed class SystemRebootTests
{
    [Theory]
    [InlineData("/bin/sh|-c|policy=$1; shift|/usr/bin/firn|adopt|/var/opt/pm||0|||", true)]
    [InlineData("/bin/sh|-c|policy=$1; shift|/usr/bin/firn|kill|/var/opt/pm||0||init|", true)]
    [InlineData("/bin/sh|/init|", false)]
    [InlineData("/bin/sh|-i|", false)]
    [InlineData("/bin/sh|-c|exec app|/usr/bin/app|adopt|", false)]
    [InlineData("/sbin/init|", false)]
    [InlineData("", false)]
    public void Only_a_first_process_of_firn_pm_is_asked_to_restart(string commandLine, bool expected) =>
        Assert.Equal(expected, SystemReboot.IsHolder(commandLine.Replace('|', '\0')));
}
