using System.Security.Cryptography;
using System.Text;
using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>What ends a boot: each test has a machine of its own.</summary>
public sealed class BootsEnd
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly VirtualMachineOptions Options = TestMachine.WithLinux();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Flushed_writes_survive_a_power_cut()
    {
        using var machine = new VirtualMachine(Options);
        machine.Start(Cancellation);
        machine.Login("root", LinuxDisk.Password, Limit, Cancellation);
        var text = string.Concat(Enumerable.Range(0, 10000).Select(number => $"{number}\n"));
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));

        machine.RunCommand("seq 0 9999 | dd of=/dev/vda2 bs=64k conv=fsync", Limit, Cancellation);
        machine.CutPower();
        machine.Start(Cancellation);
        machine.Login("root", LinuxDisk.Password, Limit, Cancellation);
        var read = machine.RunCommand($"dd if=/dev/vda2 bs={text.Length} count=1 2>/dev/null | sha256sum", Limit, Cancellation);

        Assert.Equal($"{hash}  -\n", read.Output);
    }

    [Fact]
    public void A_PCI_watchdog_resets_a_guest_that_stops_feeding_it()
    {
        using var machine = new VirtualMachine(Options with { Watchdog = WatchdogKind.I6300Esb });
        machine.Start(Cancellation);
        machine.Login("root", LinuxDisk.Password, Limit, Cancellation);

        machine.Console.SendLine("watchdog -T 2 -t 1 /dev/watchdog; usleep 500000; kill -9 $(pidof watchdog)");

        machine.Console.WaitFor("the test disk starts Linux", Limit, cancellation: Cancellation);
    }

    [Fact]
    public void A_panic_ends_a_command_at_once()
    {
        using var machine = new VirtualMachine(Options);
        machine.Start(Cancellation);
        machine.Login("root", LinuxDisk.Password, Limit, Cancellation);

        var error = Assert.Throws<VirtualMachineException>(
            () => machine.RunCommand("echo c >/proc/sysrq-trigger", TimeSpan.FromMinutes(10), Cancellation));

        Assert.StartsWith("while a command ran, the kernel panicked: Kernel panic - not syncing: sysrq triggered crash", error.Message);
    }

    [Fact]
    public void A_restart_ends_a_command_at_once_and_the_next_login_finds_the_new_boot()
    {
        using var machine = new VirtualMachine(Options);
        machine.Start(Cancellation);
        machine.Login("root", LinuxDisk.Password, Limit, Cancellation);

        var error = Assert.Throws<VirtualMachineException>(() => machine.RunCommand("reboot -f; sleep 1000", TimeSpan.FromMinutes(10), Cancellation));
        machine.Login("root", LinuxDisk.Password, Limit, Cancellation);

        Assert.Equal("while a command ran, the machine was reset", error.Message);
        Assert.Equal(0, machine.RunCommand("[ $(cut -d. -f1 /proc/uptime) -lt 60 ]", Limit, Cancellation).ExitCode);
    }

    [Fact]
    public void A_wrong_password_is_told_from_a_slow_machine()
    {
        using var machine = new VirtualMachine(Options);
        machine.Start(Cancellation);

        var error = Assert.Throws<VirtualMachineException>(() => machine.Login("root", "wrong", Limit, Cancellation));

        Assert.Equal("login root: refused", error.Message);
        machine.Login("guest", null, Limit, Cancellation);
        Assert.Equal("1000\n", machine.RunCommand("id -u", Limit, Cancellation).Output);
    }

    [Fact]
    public void EFI_firmware_boots_the_same_disk_and_a_guest_switches_itself_off()
    {
        using var machine = new VirtualMachine(Options with { Firmware = FirmwareKind.Efi, MemoryBytes = 512 << 20 });
        machine.Start(Cancellation);
        machine.Login("root", LinuxDisk.Password, Limit, Cancellation);

        Assert.Equal("efi\n", machine.RunCommand("[ -d /sys/firmware/efi ] && echo efi", Limit, Cancellation).Output);
        machine.Console.SendLine("poweroff -f");
        machine.WaitForExit(Limit, Cancellation);
    }
}
