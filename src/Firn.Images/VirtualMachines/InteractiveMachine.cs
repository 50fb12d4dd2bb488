using Firn.Linux.Processes;
using Firn.Linux.Terminals;

namespace Firn.Images.VirtualMachines;

/// <summary>A machine whose serial console is this terminal, with QEMU's own keys: Ctrl-A x ends it, Ctrl-A h helps.</summary>
public static class InteractiveMachine
{
    private static readonly TimeSpan Forever = Timeout.InfiniteTimeSpan;

    /// <summary>Returns when the guest has switched itself off, or the person has ended QEMU.</summary>
    /// <param name="options">Time limits do not apply.</param>
    /// <param name="display">Null for no screen.</param>
    /// <param name="announce">Called when everything is in place, just before the terminal becomes the console.</param>
    /// <exception cref="IOException">A disk cannot be opened, or QEMU failed; it has said why on the terminal.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the machine is gone.</exception>
    public static void Run(VirtualMachineOptions options, MachineDisplay? display, Action announce, CancellationToken cancellation)
    {
        var qemu = VirtualMachine.Qemu.Locate();
        using var files = new MachineFiles();
        var usb = new UsbPorts(files, options.Persist);
        foreach (var file in options.UsbDrives) usb.Plug(file);
        var arguments = files.Arrange(options) with { UsbDrives = usb.Plugged, Display = display?.Argument };

        announce();
        using var terminal = new TerminalSettings();
        using var process = TetheredProcess.StartOnTerminal(qemu, arguments.ToList());
        process.WaitForExit(Forever, cancellation);
        if (process.ExitCode != 0) throw new VirtualMachineException($"{VirtualMachine.Qemu.Name}: ended with exit code {process.ExitCode}");
    }
}
