namespace Firn.Supervision.Units;

/// <summary>The names of limits: those of the unit's control group, and those of each process.</summary>
public static class UnitLimits
{
    /// <summary>Our name and the file of cgroup v2; cgroup-v2.rst.</summary>
    public static IReadOnlyList<(string Name, string File)> OfGroup { get; } =
    [
        ("memoryMax", "memory.max"), ("memoryHigh", "memory.high"), ("memorySwapMax", "memory.swap.max"), ("pidsMax", "pids.max"),
        ("cpuMax", "cpu.max"), ("cpuWeight", "cpu.weight"), ("ioMax", "io.max"), ("ioWeight", "io.weight"),
    ];

    /// <summary>Our name and the option of prlimit(1).</summary>
    public static IReadOnlyList<(string Name, string Option)> OfProcess { get; } =
    [
        ("openFiles", "--nofile"), ("processes", "--nproc"), ("core", "--core"), ("fileSize", "--fsize"), ("addressSpace", "--as"),
        ("stack", "--stack"), ("lockedMemory", "--memlock"), ("cpuTime", "--cpu"),
    ];

    /// <summary>Who dies first when memory runs out; proc(5).</summary>
    public const string OomScore = "oomScoreAdjust";

    public static string? FileOf(string limit)
    {
        foreach (var (name, file) in OfGroup)
            if (name == limit) return file;
        return null;
    }

    public static string? OptionOf(string limit)
    {
        foreach (var (name, option) in OfProcess)
            if (name == limit) return option;
        return null;
    }

    public static bool IsKnown(string limit) => limit == OomScore || FileOf(limit) is not null || OptionOf(limit) is not null;
}
