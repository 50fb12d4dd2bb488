using System.CommandLine;
using Firn.Images.VirtualMachines;

namespace Firn.Cli.Commands.Image;

internal static class ImageRunCommand
{
    public static Command Create()
    {
        var disk = MachineCommandOptions.Disk();
        var bios = new Option<bool>("--bios") { Description = "Boot with SeaBIOS (default: EFI)" };
        var display = new Option<bool>("--display") { Description = "Show the screen: in a window, or over VNC where there is no desktop" };
        var memory = new Option<long>("--memory")
        {
            Description = "Memory of the machine",
            HelpName = "SIZE",
            DefaultValueFactory = _ => 1L << 30,
            CustomParser = result => MachineCommandOptions.Parse<long>(
                result, text => SizeText.TryParse(text, out var bytes) && VirtualMachineOptions.IsMemory(bytes) ? bytes : null, VirtualMachineOptions.MemoryRange),
        };
        var cpus = new Option<int>("--cpus") { Description = "Processors of the machine", CustomParser = WholeNumber.ParsePositive, DefaultValueFactory = _ => 1 };
        var forward = new Option<PortForward[]>("--forward")
        {
            Description = "Let a port of 127.0.0.1 lead to a port of the guest; can be given several times",
            HelpName = "HOST:GUEST",
            CustomParser = result => MachineCommandOptions.ParseAll(result, PortForward.TryParse, "HOST:GUEST, two port numbers such as 2222:22"),
        };
        var usb = new Option<FileInfo[]>("--usb") { Description = "Plug in a USB drive; can be given several times", HelpName = "FILE" };
        var drive = new Option<FileInfo[]>("--drive") { Description = "Add a disk; can be given several times", HelpName = "FILE" };
        var persist = new Option<bool>("--persist") { Description = "Let the guest write to the files (default: they stay as they are)" };
        var accelerator = MachineCommandOptions.Accelerator();
        var watchdog = new Option<WatchdogKind>("--watchdog") { Description = "i6300esb, itco or none: a watchdog that resets the machine", DefaultValueFactory = _ => WatchdogKind.None };
        var log = new Option<FileInfo?>("--console-log") { Description = "Also write the console to a file", HelpName = "FILE" };

        var command = new Command("run", "Boot a disk image in QEMU, with its console on this terminal")
        {
            disk, bios, display, memory, cpus, forward, usb, drive, persist, accelerator, watchdog, log,
        };
        command.SetAction(parsed => Run(
            new VirtualMachineOptions(parsed.GetValue(disk)!.FullName)
            {
                Firmware = parsed.GetValue(bios) ? FirmwareKind.Bios : FirmwareKind.Efi,
                MemoryBytes = parsed.GetValue(memory),
                Cpus = parsed.GetValue(cpus),
                Forwards = [.. parsed.GetValue(forward) ?? []],
                UsbDrives = [.. (parsed.GetValue(usb) ?? []).Select(file => file.FullName)],
                Drives = [.. (parsed.GetValue(drive) ?? []).Select(file => file.FullName)],
                Persist = parsed.GetValue(persist),
                Accelerator = parsed.GetValue(accelerator),
                Watchdog = parsed.GetValue(watchdog),
                ConsoleLog = parsed.GetValue(log)?.FullName,
            },
            parsed.GetValue(display)));
        return command;
    }

    private static int Run(VirtualMachineOptions options, bool hasDisplay)
    {
        using var interruption = new Interruption();
        var display = hasDisplay ? MachineDisplay.Choose() : null;
        try
        {
            InteractiveMachine.Run(options, display, Announce, interruption.Token);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return Interruption.ExitCode;
        }

        void Announce()
        {
            Console.Error.WriteLine(
                $"{Path.GetFileName(options.Disk)}: {(options.Persist ? "changes are kept" : "changes are thrown away at the end")}; Ctrl-A x quits, Ctrl-A h shows more keys");
            if (display is not null) Console.Error.WriteLine($"the screen is {display.Description}");
        }
    }
}
