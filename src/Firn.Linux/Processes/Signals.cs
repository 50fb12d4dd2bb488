using System.Globalization;
using System.Runtime.InteropServices;
using Firn.Linux.Interop;

namespace Firn.Linux.Processes;

/// <summary>Signals by name, and sending them; signal(7), the numbers of x86-64, arm64 and riscv64.</summary>
public static class Signals
{
    public const int HangUp = 1, Interrupt = 2, Quit = 3, Abort = 6, Kill = 9, User1 = 10, User2 = 12, Pipe = 13, Terminate = 15, Child = 17, Continue = 18;

    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
        "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>Understands <c>TERM</c>, <c>SIGTERM</c> and <c>15</c>.</summary>
    public static bool TryParse(string text, out int signal)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out signal)) return signal is > 0 and <= 64;
        var name = text.ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal)) name = name[3..];
        signal = name.Length == 0 ? 0 : Array.IndexOf(Names, name);
        return signal > 0;
    }

    public static string NameOf(int signal) => signal > 0 && signal < Names.Length ? Names[signal] : $"{signal}";

    /// <returns>False when there is no such process, or it is not ours.</returns>
    public static bool Send(int pid, int signal) => pid > 1 && Libc.Kill(pid, signal) == 0;

    /// <summary>To every process of a group; never to the group that this process is in itself.</summary>
    public static bool SendToGroup(int group, int signal) => IsForeign(group) && Libc.Kill(-group, signal) == 0;

    /// <summary>Whether a group has a process, be it one that has ended and was not reaped.</summary>
    public static bool GroupExists(int group) =>
        IsForeign(group) && (Libc.Kill(-group, 0) == 0 || Marshal.GetLastPInvokeError() == Errno.NotPermitted);

    // 0 and -1 would mean our own group and every process there is; kill(2)
    private static bool IsForeign(int group) => group > 1 && group != Libc.GetProcessGroup(0);
}
