using Firn.Linux.Interop;

namespace Firn.Linux.Processes;

public static class SystemReboot
{
    private const uint RestartCommand = 0x1234567, PowerOffCommand = 0x4321fedc;    // RB_AUTOBOOT, RB_POWER_OFF, reboot(2)
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Asks systemd for an orderly reboot; where there is none, or it refuses, syncs and has the kernel restart at once.
    /// </summary>
    public static void Request()
    {
        if (Directory.Exists("/run/systemd/system") && SystemdAgrees()) return;
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
