using System.Security.Cryptography;
using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>QEMU under our control, with a boot sector for a guest: quick, and the whole way from power to console.</summary>
public sealed class MachinesAreSwitchedAndWatched : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly TemporaryDirectory _directory = new();
    private readonly VirtualMachineOptions _options;

    public MachinesAreSwitchedAndWatched()
    {
        BootSector.WriteDisk(_directory["disk.img"]);
        _options = TestMachine.WithBootSector(_directory["disk.img"]);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_console_is_read_and_typed_to()
    {
        using var machine = new VirtualMachine(_options);

        machine.Start(Cancellation);
        var boot = machine.Console.WaitFor(@"^boot (\d)$", Limit, cancellation: Cancellation);
        machine.Console.WaitFor("ready> ", Limit, cancellation: Cancellation);
        machine.Console.SendLine("hello");
        machine.Console.WaitFor("^you said: hello$", Limit, cancellation: Cancellation);

        Assert.Equal("1", boot.Groups[1].Value);
        Assert.StartsWith("\nboot 1\nready> hello\nyou said: hello", machine.Console.Text);
    }

    [Fact]
    public void What_was_written_survives_a_power_cut_and_the_image_stays_as_it_was()
    {
        var before = SHA256.HashData(File.ReadAllBytes(_options.Disk));
        using (var machine = new VirtualMachine(_options))
            for (var boot = 1; boot <= 3; boot++)
            {
                machine.Start(Cancellation);
                machine.Console.WaitFor($"^boot {boot}$", Limit, cancellation: Cancellation);
                machine.CutPower();
                Assert.False(machine.IsRunning);
            }
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(_options.Disk)));
    }

    [Fact]
    public void A_persistent_machine_writes_to_the_image()
    {
        using (var machine = new VirtualMachine(_options with { Persist = true }))
        {
            machine.Start(Cancellation);
            machine.Console.WaitFor("ready> ", Limit, cancellation: Cancellation);
        }
        Assert.Equal(1, File.ReadAllBytes(_options.Disk)[512]);
    }

    [Fact]
    public void Reset_and_power_off_are_seen()
    {
        using var machine = new VirtualMachine(_options);
        machine.Start(Cancellation);
        machine.Console.WaitFor("^boot 1$", Limit, cancellation: Cancellation);

        machine.Reset();
        machine.Console.WaitFor("^boot 2$", Limit, cancellation: Cancellation);
        machine.Console.SendLine("!p");
        machine.WaitForExit(Limit, Cancellation);

        Assert.False(machine.IsRunning);
        machine.Start(Cancellation);
        machine.Console.WaitFor("^boot 3$", Limit, cancellation: Cancellation);
    }

    [Fact]
    public void A_wait_that_cannot_end_well_ends_early()
    {
        using var machine = new VirtualMachine(_options);
        machine.Start(Cancellation);
        machine.Console.WaitFor("ready> ", Limit, cancellation: Cancellation);
        machine.Console.SendLine("!p");

        var error = Assert.Throws<VirtualMachineException>(
            () => machine.Console.WaitFor("never", TimeSpan.FromMinutes(10), cancellation: Cancellation));
        Assert.Equal("expected /never/, but the guest switched the machine off", error.Message);
    }

    [Fact]
    public void A_wait_fails_at_once_when_what_must_not_come_comes()
    {
        using var machine = new VirtualMachine(_options);
        machine.Start(Cancellation);
        machine.Console.WaitFor("ready> ", Limit, cancellation: Cancellation);
        machine.Console.SendLine("!x");

        var error = Assert.Throws<VirtualMachineException>(
            () => machine.Console.WaitFor("login:", TimeSpan.FromMinutes(10), unless: "Kernel panic", Cancellation));
        Assert.Equal("expected /login:/, but /Kernel panic/ came first: Kernel panic - not syncing: test", error.Message);
    }

    [Fact]
    public void The_chip_sets_watchdog_resets_a_guest_that_hangs()
    {
        using var machine = new VirtualMachine(_options with { Watchdog = WatchdogKind.Itco });
        machine.Start(Cancellation);
        machine.Console.WaitFor("^boot 1\nready> ", Limit, cancellation: Cancellation);

        machine.Console.SendLine("!h");

        machine.Console.WaitFor("^boot 2$", Limit, cancellation: Cancellation);
    }

    [Fact]
    public void A_disk_grown_for_the_guest_keeps_its_size_on_the_host()
    {
        using var machine = new VirtualMachine(_options with { DiskSizeBytes = 64 << 20 });
        machine.Start(Cancellation);
        machine.Console.WaitFor("^boot 1$", Limit, cancellation: Cancellation);

        Assert.Equal(1 << 20, new FileInfo(_options.Disk).Length);
        var error = Assert.Throws<IOException>(() => new VirtualMachine(_options with { DiskSizeBytes = 512 << 10 }));
        Assert.Contains("more than the disk size asked for", error.Message);
    }

    [Fact]
    public void Two_machines_run_side_by_side_on_the_same_image()
    {
        using var one = new VirtualMachine(_options);
        using var other = new VirtualMachine(_options);

        one.Start(Cancellation);
        other.Start(Cancellation);

        one.Console.WaitFor("^boot 1$", Limit, cancellation: Cancellation);
        other.Console.WaitFor("^boot 1$", Limit, cancellation: Cancellation);
    }

    [Fact]
    public void An_image_in_use_by_another_machine_is_refused_with_the_reason()
    {
        using var writer = new VirtualMachine(_options with { Persist = true });
        writer.Start(Cancellation);
        using var other = new VirtualMachine(_options with { Persist = true });

        var error = Assert.Throws<VirtualMachineException>(() => other.Start(Cancellation));

        Assert.Contains("lock", error.Message);
        Assert.Contains(_options.Disk, error.Message);
    }

    [Fact]
    public void Nothing_is_left_in_the_temporary_directory()
    {
        string directory;
        using (var machine = new VirtualMachine(_options))
        {
            machine.Start(Cancellation);
            directory = machine.WorkingDirectory;
            Assert.True(Directory.Exists(directory));
        }
        Assert.False(Directory.Exists(directory));
    }

    [Fact]
    public void A_cancelled_wait_ends()
    {
        using var machine = new VirtualMachine(_options);
        machine.Start(Cancellation);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(1));

        Assert.Throws<OperationCanceledException>(
            () => machine.Console.WaitFor("never", TimeSpan.FromMinutes(10), cancellation: cancellation.Token));
    }
}
