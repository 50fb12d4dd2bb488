using Firn.Linux.Interop;

namespace Firn.Linux.Processes;

public static class SystemReboot
{
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan OrderlyLimit = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Asks systemd, or <c>firn pm</c> as the first process, for an orderly reboot; where there is neither, or it refuses or is not done in
    /// time, syncs and has the kernel restart at once.
    /// </summary>
    public static void Request()
    {
        if (Directory.Exists("/run/systemd/system") && SystemdAgrees()) return;
        // a first process that catches SIGINT need not restart for it: shells do, and go on
        if (IsHolder(File.ReadAllText("/proc/1/cmdline")) && Libc.Kill(1, Signals.Interrupt) == 0) Thread.Sleep(OrderlyLimit);    // it ends this process long before
        Libc.SyncAll();
        SystemCall.Check(Libc.Reboot((uint)SystemEnd.Restart), "reboot", "the machine");
    }

    /// <summary>
    /// For a first process whose services are stopped: ends all that is left, lets go of filesystems, and has the kernel
    /// switch off, restart or stand still.
    /// </summary>
    public static void End(SystemEnd how)
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
        SystemCall.Check(Libc.Reboot((uint)how), "reboot", "the machine");
    }

    /// <summary>A shell that has the manager's program and what becomes of its units behind its script; <c>docs/decisions/0060-holder.md</c>.</summary>
    internal static bool IsHolder(string commandLine) =>
        commandLine.Split('\0') is ["/bin/sh", "-c", _, var program, "adopt" or "kill", ..] && Path.GetFileName(program) == "firn";

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
