using Firn.Linux.Interop;

namespace Firn.Linux.Processes;

/// <summary>
/// How many files this process and those it starts may have open; getrlimit(2). The runtime raises its own soft limit as far as it
/// may. Children get the usual one instead: select(2) knows no larger number, and some programs close all that they might have.
/// </summary>
public static class DescriptorLimit
{
    private const ulong Usual = 1024;    // soft, as the kernel and systemd give it
    private const ulong Ample = 1 << 20;    // fs.nr_open of a kernel that was not told otherwise

    /// <summary>Numbers that a child needs below the usual limit before it becomes another program.</summary>
    private const int Reserve = 64;

    private static ResourceLimit _own;

    /// <summary>Of children; as this process had it before <see cref="Raise"/>.</summary>
    private static ResourceLimit _ofChildren;

    /// <summary>As many as there can be, for who looks after thousands; only root may.</summary>
    public static void Raise()
    {
        Ask();
        var ample = new ResourceLimit { Soft = Ample, Hard = Ample };
        if (_own.Hard < Ample && Libc.SetLimit(Libc.LimitOpenFiles, ample) == 0) _own = ample;
    }

    /// <summary>Until <see cref="Restore"/>, whoever is started has the usual limit.</summary>
    /// <returns>False when this process has too many open itself for that: then <see cref="Lower"/> the child afterwards.</returns>
    internal static bool BeginUsual()
    {
        Ask();
        var free = Libc.FileControl(0, Libc.DuplicateAbove, (int)Usual - Reserve);
        if (free >= 0) _ = Libc.Close(free);
        return free >= 0 && free < (int)Usual - (Reserve / 2) && Libc.SetLimit(Libc.LimitOpenFiles, _ofChildren) == 0;
    }

    internal static void Restore() => _ = Libc.SetLimit(Libc.LimitOpenFiles, _own);

    internal static void Lower(int pid) => _ = Libc.SetLimitOf(pid, Libc.LimitOpenFiles, _ofChildren, 0);

    private static void Ask()
    {
        if (_own.Hard != 0 || Libc.GetLimit(Libc.LimitOpenFiles, out _own) != 0) return;
        _ofChildren = new() { Soft = Math.Min(Usual, _own.Hard), Hard = _own.Hard };
    }
}
