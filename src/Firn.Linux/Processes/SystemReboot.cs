using Firn.Linux.Interop;

namespace Firn.Linux.Processes;

public static class SystemReboot
{
    private const uint RestartCommand = 0x1234567;    // RB_AUTOBOOT, reboot(2)
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
