using System.Globalization;

namespace Firn.Cli.Commands.Pm;

/// <summary>What processes use, from one look to the next; proc_pid_stat(5).</summary>
internal sealed class PmUsage
{
    private const int TicksPerSecond = 100;    // USER_HZ

    private readonly Dictionary<string, (long Ticks, long At)> _before = [];

    /// <returns>Percent of one processor since the last look, and resident memory; empty where nothing is known.</returns>
    public (string Processor, string Memory) Of(string pid)
    {
        if (pid.Length == 0) return ("", "");
        try
        {
            var line = File.ReadAllText($"/proc/{pid}/stat");
            var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            var memory = long.Parse(fields[21], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
            var now = Environment.TickCount64;
            var processor = _before.TryGetValue(pid, out var before) && now > before.At
                ? ((ticks - before.Ticks) * 1000.0 / TicksPerSecond / (now - before.At) * 100).ToString("0.0", CultureInfo.InvariantCulture) : "";
            _before[pid] = (ticks, now);
            return (processor, $"{memory >> 10} KiB");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return ("", "");
        }
    }
}
