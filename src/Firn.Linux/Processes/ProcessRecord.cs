using System.Globalization;
using System.Text;
using Firn.Linux.Events;
using Firn.Linux.Interop;

namespace Firn.Linux.Processes;

/// <summary>What the kernel says of a process; proc_pid_stat(5).</summary>
/// <param name="State">Such as R, S; Z when it has ended and nobody has reaped it.</param>
/// <param name="StartTicks">When it started, in clock ticks since the boot: with the number it names one process only.</param>
/// <param name="WaitStatus">How it ended, as wait(2) says; of use in state Z, and 0 where it is not ours to see.</param>
public readonly record struct ProcessRecord(int Pid, char State, int Parent, int Group, int Session, ulong StartTicks, int WaitStatus)
{
    public bool HasEnded => State is 'Z' or 'X';

    /// <returns>Null when there is no such process.</returns>
    public static ProcessRecord? Read(int pid)
    {
        var number = Libc.Open($"/proc/{pid}/stat", OpenFlags.ReadOnly | OpenFlags.CloseOnExec, 0);
        if (number < 0) return null;
        using var file = new Descriptor(number);
        Span<byte> buffer = stackalloc byte[2048];
        return file.Read(buffer) is > 0 and var count ? Parse(pid, Encoding.Latin1.GetString(buffer[..count])) : null;    // it ended meanwhile: ESRCH
    }

    /// <summary>The program's name is in parentheses and may hold anything, further parentheses and spaces too.</summary>
    internal static ProcessRecord? Parse(int pid, string line)
    {
        var end = line.LastIndexOf(')');
        if (end < 0) return null;
        var fields = line[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);    // [0] is field 3
        if (fields.Length < 20) return null;
        return new(
            pid, fields[0][0], Number(fields[1]), Number(fields[2]), Number(fields[3]),
            ulong.Parse(fields[19], CultureInfo.InvariantCulture), fields.Length > 49 ? Number(fields[49]) : 0);
    }

    /// <summary>The numbers of all processes.</summary>
    public static List<int> All()
    {
        var pids = new List<int>();
        foreach (var path in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(path.AsSpan("/proc/".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) pids.Add(pid);
        return pids;
    }

    /// <summary>The value of a variable a process was started with; null when it has none, or is not ours to look into.</summary>
    public static string? Variable(int pid, string name)
    {
        try
        {
            var start = name + "=";
            foreach (var entry in Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/environ")).Split('\0'))
                if (entry.StartsWith(start, StringComparison.Ordinal)) return entry[start.Length..];
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
