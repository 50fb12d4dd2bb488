using System.Collections.Immutable;

namespace Firn.Images.VirtualMachines;

public enum FirmwareKind
{
    /// <summary>OVMF, with a copy of its variables that lives as long as the machine.</summary>
    Efi,

    /// <summary>SeaBIOS.</summary>
    Bios,
}

public enum AcceleratorKind
{
    /// <summary>Emulation in software: slow, but works everywhere.</summary>
    Tcg,
    Kvm,

    /// <summary>KVM where QEMU can open it, else TCG. On some hosts KVM opens, but guests hang.</summary>
    Auto,
}

public enum WatchdogKind
{
    None,

    /// <summary>Intel 6300ESB, on PCI; Linux module i6300esb.</summary>
    I6300Esb,

    /// <summary>The TCO timer of the ICH9 chip set; Linux module iTCO_wdt.</summary>
    Itco,
}

/// <summary>A TCP port of 127.0.0.1 on the host that leads to a port of the guest.</summary>
public readonly record struct PortForward(int HostPort, int GuestPort)
{
    /// <summary>Reads <c>HOST:GUEST</c>.</summary>
    public static PortForward? TryParse(string text) =>
        text.Split(':') is [var host, var guest] && Port(host) is { } from && Port(guest) is { } to ? new(from, to) : null;

    public override string ToString() => $"{HostPort}:{GuestPort}";

    private static int? Port(string text) =>
        ushort.TryParse(text, System.Globalization.NumberStyles.None, null, out var port) && port > 0 ? port : null;
}

/// <summary>A virtual machine: what it is made of and which disks it has.</summary>
/// <param name="Disk">The disk it boots from: an image file (raw, or qcow2 by its name) or a block device.</param>
public sealed record VirtualMachineOptions(string Disk)
{
    /// <summary>How much memory a machine can have, in words.</summary>
    public const string MemoryRange = "a size from 32M to 1T such as 1G";

    public static bool IsMemory(long bytes) => bytes is >= 32L << 20 and <= 1L << 40;

    public FirmwareKind Firmware { get; init; } = FirmwareKind.Efi;
    public AcceleratorKind Accelerator { get; init; } = AcceleratorKind.Tcg;
    public WatchdogKind Watchdog { get; init; } = WatchdogKind.None;
    public long MemoryBytes { get; init; } = 1L << 30;
    public int Cpus { get; init; } = 1;

    /// <summary>How large the disk looks to the guest; null for as large as it is. Never with <see cref="Persist"/>.</summary>
    public long? DiskSizeBytes { get; init; }

    /// <summary>The guest writes to the very files. Else to overlays that are thrown away with the machine.</summary>
    public bool Persist { get; init; }

    /// <summary>Of the network card; null for QEMU's own, which all machines share.</summary>
    public string? Mac { get; init; }

    /// <summary>What DMI calls the machine; null for nothing.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>More disks, after the first.</summary>
    public ImmutableArray<string> Drives { get; init; } = [];

    /// <summary>USB drives that are plugged in when the machine is switched on.</summary>
    public ImmutableArray<string> UsbDrives { get; init; } = [];

    public ImmutableArray<PortForward> Forwards { get; init; } = [];

    /// <summary>Where all that comes over the serial console is kept; null for nowhere.</summary>
    public string? ConsoleLog { get; init; }

    /// <summary>Multiplies every time limit, for slow machines.</summary>
    public double TimeScale { get; init; } = 1;
}
