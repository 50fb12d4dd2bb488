using Firn.Linux.Interop;

namespace Firn.Linux.Processes;

public static class SystemReboot
{
    private const uint RestartCommand = 0x1234567, PowerOffCommand = 0x4321fedc;    // RB_AUTOBOOT, RB_POWER_OFF, reboot(2)
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Asks systemd for an orderly reboot, or another first process that listens to Ctrl-Alt-Del; where there is none, or it
    /// refuses, syncs and has the kernel restart at once.
    /// </summary>
    public static void Request()
    {
        if (Directory.Exists("/run/systemd/system") ? SystemdAgrees() : CatchesInterrupt(File.ReadLines("/proc/1/status")) && Libc.Kill(1, Signals.Interrupt) == 0) return;
        Libc.SyncAll();
        SystemCall.Check(Libc.Reboot(RestartCommand), "reboot", "the machine");
    }

    /// <summary>
    /// For a first process whose services are stopped: ends all that is left, lets go of filesystems, and has the kernel
    /// switch off or restart.
    /// </summary>
    public static void End(bool isRestart)
    {
        _ = Libc.Kill(-1, Signals.Terminate);
        Thread.Sleep(500);
        _ = Libc.Kill(-1, Signals.Kill);
        Libc.SyncAll();
        try
        {
            ProgramRun.Run("umount", ["-a", "-r"], RequestLimit);
        }
        catch (FileNotFoundException)
        {
            // synced is what counts
        }
        Libc.SyncAll();
        SystemCall.Check(Libc.Reboot(isRestart ? RestartCommand : PowerOffCommand), "reboot", "the machine");
    }

    /// <summary>The kernel's SIGINT for Ctrl-Alt-Del means a restart to a first process that catches it; proc(5), SigCgt.</summary>
    internal static bool CatchesInterrupt(IEnumerable<string> status) =>
        status.FirstOrDefault(line => line.StartsWith("SigCgt:", StringComparison.Ordinal)) is { } line
        && ulong.TryParse(line.AsSpan(7).Trim(), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var caught)
        && (caught & (1UL << (Signals.Interrupt - 1))) != 0;

    private static bool SystemdAgrees()
    {
        try
        {
            return ProgramRun.Run("systemctl", ["reboot"], RequestLimit).Succeeded;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }
}
