using Firn.Supervision.Units;

namespace Firn.Dispatch.Imports;

/// <summary>Directories with <c>run</c> scripts, as daemontools, runit and s6 have them: one, or a directory of them.</summary>
internal static class RunDirectory
{
    /// <summary>Files that only s6 looks at.</summary>
    private static readonly string[] S6Files = ["notification-fd", "timeout-kill", "timeout-finish", "down-signal", "max-death-tally", "type", "flag-newpidns"];

    /// <exception cref="InvalidDataException">There is no run script.</exception>
    public static List<ImportedUnit> Read(string path)
    {
        var units = new List<ImportedUnit>();
        if (File.Exists($"{path}/run")) units.Add(Convert(Path.GetFullPath(path)));
        else
            foreach (var directory in Directory.GetDirectories(path))
                if (Path.GetFileName(directory)[0] != '.' && File.Exists($"{directory}/run")) units.Add(Convert(Path.GetFullPath(directory)));
        if (units.Count == 0) throw new InvalidDataException($"{path}: neither it nor a directory in it has a run script");
        units.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return units;
    }

    private static ImportedUnit Convert(string path)
    {
        var unit = new UnitProperties();
        var name = Path.GetFileName(path.TrimEnd('/'));
        unit.Set("exec.run", "./run");    // as they call it
        unit.Set("directory", ImportedUnit.Literal(path));
        // they try once a second, for ever
        unit.Set("restart", "always");
        unit.Set("maxDelay", "1s");
        unit.Set("startLimit", "1000");
        unit.Set("startLimitWindow", "1m");
        var left = new List<string>();
        if (File.Exists($"{path}/finish")) unit.Set("exec.stopPost", Finish(path, name));
        if (File.Exists($"{path}/down")) unit.Set("enabled", "false");
        if (File.Exists($"{path}/check")) unit.Set("ready", "exec:./check");
        if (FirstLine($"{path}/notification-fd") is { } number) unit.Set("ready", $"fd:{number}");
        if (FirstLine($"{path}/timeout-kill") is { } kill && UnitValues.Number(kill, 1, int.MaxValue) is { } milliseconds) unit.Set("stopTimeout", $"{milliseconds}ms");
        if (FirstLine($"{path}/down-signal") is { } signal) unit.Set("stopSignal", signal);
        if (Directory.Exists($"{path}/control")) left.Add("control: signals are sent as they are");
        if (File.Exists($"{path}/log/run")) left.Add("log/run: output goes to the manager's own log");
        if (FirstLine($"{path}/type") is { } type and not "longrun") left.Add($"type {type}");
        return new(name, unit, left);
    }

    /// <summary>
    /// What runs after it is given how it ended: by runit (runsv(8)) the code or -1, and the signal; by s6 (servicedir) the code or 256, the
    /// signal, and its name. Ours has that in EXIT_CODE and EXIT_STATUS, where a signal is 128 and more.
    /// </summary>
    private static string Finish(string path, string name)
    {
        var isS6 = S6Files.Any(file => File.Exists($"{path}/{file}")) || FirstLine($"{path}/run")!.Contains("execlineb", StringComparison.Ordinal);
        var more = isS6 ? $" {CommandWords.Join([name])}" : "";
        return ImportedUnit.Literal(CommandWords.Join(["/bin/sh", "-c", $"[ \"$EXIT_CODE\" = exited ] && exec ./finish \"$EXIT_STATUS\" 0{more}; exec ./finish {(isS6 ? 256 : -1)} $((EXIT_STATUS - 128)){more}"]));
    }

    private static string? FirstLine(string path) => File.Exists(path) ? File.ReadAllText(path).Split('\n')[0].Trim() : null;
}
