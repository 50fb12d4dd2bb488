using System.Net;
using System.Net.Sockets;
using Firn.Images.Building;

namespace Firn.Images.VirtualMachines;

/// <summary>Where a person sees a machine's screen.</summary>
/// <param name="Argument">What QEMU's -display takes.</param>
/// <param name="Description">For the person.</param>
public sealed record MachineDisplay(string Argument, string Description)
{
    private const int FirstVncPort = 5900, VncPorts = 100;    // RFC 6143, section 1: display N is at port 5900 + N

    /// <summary>A window where there is a desktop; else VNC, on this host only.</summary>
    /// <exception cref="IOException">QEMU cannot open a window, or no port is free.</exception>
    public static MachineDisplay Choose()
    {
        var hasDesktop = ((string[])["DISPLAY", "WAYLAND_DISPLAY"]).Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 });
        if (!hasDesktop) return ChooseVnc();
        if (!Tool.Run(VirtualMachine.Qemu.Name, VirtualMachine.Qemu.DebianPackage, ["-display", "help"]).Split('\n').Contains("gtk"))
            throw new VirtualMachineException("QEMU cannot open a window here; on Debian: apt-get install qemu-system-gui");
        return new("gtk", "in a window");
    }

    private static MachineDisplay ChooseVnc()
    {
        for (var number = 0; number < VncPorts; number++)
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, FirstVncPort + number);
                probe.Start();
                return new(
                    $"vnc=127.0.0.1:{number}",
                    $"over VNC at 127.0.0.1:{FirstVncPort + number}, as there is no display (DISPLAY and WAYLAND_DISPLAY are not set)");
            }
            catch (SocketException)
            {
                // somebody else's screen
            }
        throw new VirtualMachineException($"no port of 127.0.0.1 from {FirstVncPort} on is free for VNC");
    }
}
