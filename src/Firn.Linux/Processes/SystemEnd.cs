namespace Firn.Linux.Processes;

/// <summary>How a machine ends; the commands of reboot(2).</summary>
public enum SystemEnd : uint
{
    /// <summary>RB_AUTOBOOT.</summary>
    Restart = 0x1234567,

    /// <summary>RB_POWER_OFF.</summary>
    PowerOff = 0x4321fedc,

    /// <summary>RB_HALT_SYSTEM: the machine stands still and stays on.</summary>
    Halt = 0xcdef0123,
}
