using System.Collections.Immutable;
using System.Globalization;

namespace Firn.Images.VirtualMachines;

/// <summary>A machine with all its files in place: what becomes QEMU's command line (qemu(1)).</summary>
internal sealed record QemuArguments(VirtualMachineOptions Options, DriveImage Disk)
{
    public const string UsbBus = "usb.0";
    private const int UsbPorts = 15;    // all that qemu-xhci can have, of either speed

    public ImmutableArray<DriveImage> Drives { get; init; } = [];
    public ImmutableArray<DriveImage> UsbDrives { get; init; } = [];

    /// <summary>Null for SeaBIOS, which QEMU brings along.</summary>
    public OvmfFirmware? Firmware { get; init; }

    /// <summary>Unix sockets at which somebody listens; null for the terminal and for no control.</summary>
    public string? ConsoleSocket { get; init; }
    public string? ControlSocket { get; init; }

    /// <summary>Where SeaBIOS tells what it does; null for nowhere.</summary>
    public string? FirmwareLog { get; init; }

    /// <summary>What -display takes; null for no graphics at all.</summary>
    public string? Display { get; init; }

    public static string DeviceOf(DriveImage usbDrive) => usbDrive.Id + "-device";

    public ImmutableArray<string> ToList() =>
    [
        "-no-user-config", "-nodefaults",
        .. Machine(), .. Disks(), .. Usb(), .. Network(), .. Watchdog(), .. Console(), .. Graphics(),
    ];

    private IEnumerable<string> Machine()
    {
        if (Firmware is { } firmware)
        {
            var code = new DriveImage("code", firmware.Code, "raw", "").ToBlockDevice();
            code["read-only"] = true;
            yield return "-blockdev";
            yield return code.ToJsonString();
            yield return "-blockdev";
            yield return new DriveImage("variables", firmware.Variables, "raw", "").ToBlockDevice().ToJsonString();
        }
        yield return "-machine";
        yield return Firmware is null ? "q35" : "q35,pflash0=code,pflash1=variables";
        foreach (var accelerator in Accelerators()) yield return accelerator;
        yield return "-cpu";
        yield return "max,-la57";    // walking five levels of page tables costs an emulator 7 % of everything
        yield return "-smp";
        yield return Number(Options.Cpus);
        yield return "-m";
        yield return $"size={Number(Options.MemoryBytes >> 20)}M";
        if (Options.Uuid is { } uuid)
        {
            yield return "-uuid";
            yield return uuid.ToString();
        }
        yield return "-device";
        yield return "virtio-rng-pci";
    }

    private string[] Accelerators() => Options.Accelerator switch
    {
        AcceleratorKind.Tcg => ["-accel", "tcg"],
        AcceleratorKind.Kvm => ["-accel", "kvm"],
        _ => ["-accel", "kvm", "-accel", "tcg"],
    };

    private IEnumerable<string> Disks() => ((DriveImage[])[Disk, .. Drives]).SelectMany((drive, index) => (string[])
    [
        "-blockdev", drive.ToBlockDevice().ToJsonString(),
        // Only the first disk is booted from: a USB drive with an EFI loader must not come before it.
        "-device", $"virtio-blk-pci,drive={drive.Id},serial={drive.Serial}" + (index == 0 ? ",bootindex=0" : ""),
    ]);

    private IEnumerable<string> Usb() =>
    [
        "-device", $"qemu-xhci,id=usb,p2={UsbPorts},p3={UsbPorts}",
        .. UsbDrives.SelectMany(drive => (string[])
        [
            "-blockdev", drive.ToBlockDevice().ToJsonString(),
            "-device", $"usb-storage,bus={UsbBus},drive={drive.Id},id={DeviceOf(drive)},serial={drive.Serial},removable=on",
        ]),
    ];

    private string[] Network() =>
    [
        "-netdev",
        "user,id=network" + string.Concat(Options.Forwards.Select(forward =>
            $",hostfwd=tcp:127.0.0.1:{Number(forward.HostPort)}-:{Number(forward.GuestPort)}")),
        // Without its ROM nothing tries to boot from the network.
        "-device", "virtio-net-pci,netdev=network,romfile=" + (Options.Mac is { } mac ? $",mac={mac}" : ""),
    ];

    private string[] Watchdog() => Options.Watchdog switch
    {
        WatchdogKind.I6300Esb => ["-device", "i6300esb", "-action", "watchdog=reset"],
        // QEMU straps the chip so that its timer never resets, as some boards do.
        WatchdogKind.Itco => ["-global", "ICH9-LPC.noreboot=off", "-action", "watchdog=reset"],
        _ => [],
    };

    private IEnumerable<string> Console()
    {
        yield return "-chardev";
        yield return ConsoleSocket is { } socket
            ? $"socket,id=console,path={Escape(socket)}"
            : "stdio,id=console,mux=on,signal=off" + (Options.ConsoleLog is { } log ? $",logfile={Escape(log)}" : "");
        yield return "-serial";
        yield return "chardev:console";
        if (ConsoleSocket is null)
        {
            yield return "-mon";
            yield return "chardev=console,mode=readline";
        }
        if (ControlSocket is { } control)
        {
            yield return "-chardev";
            yield return $"socket,id=control,path={Escape(control)}";
            yield return "-mon";
            yield return "chardev=control,mode=control";
        }
        if (FirmwareLog is { } firmwareLog)
        {
            yield return "-chardev";
            yield return $"file,id=firmware,path={Escape(firmwareLog)}";
            yield return "-device";
            yield return "isa-debugcon,iobase=0x402,chardev=firmware";
        }
    }

    private string[] Graphics() => Display is { } display
        ? ["-display", display, "-device", "VGA", "-device", $"usb-tablet,bus={UsbBus}"]
        : ["-display", "none"];

    /// <summary>A comma would begin the next option.</summary>
    private static string Escape(string value) => value.Replace(",", ",,");

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
