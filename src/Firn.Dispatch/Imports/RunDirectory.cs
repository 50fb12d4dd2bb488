using Firn.Supervision.Units;

namespace Firn.Dispatch.Imports;

/// <summary>Directories with <c>run</c> scripts, as daemontools, runit and s6 have them: one, or a directory of them.</summary>
internal static class RunDirectory
{
    /// <exception cref="InvalidDataException">There is no run script.</exception>
    public static List<ImportedUnit> Read(string path)
    {
        var units = new List<ImportedUnit>();
        if (File.Exists($"{path}/run")) units.Add(Convert(Path.GetFullPath(path)));
        else
            foreach (var directory in Directory.GetDirectories(path))
                if (File.Exists($"{directory}/run")) units.Add(Convert(Path.GetFullPath(directory)));
        if (units.Count == 0) throw new InvalidDataException($"{path}: neither it nor a directory in it has a run script");
        units.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return units;
    }

    private static ImportedUnit Convert(string path)
    {
        var unit = new UnitProperties();
        unit.Set("exec.run", CommandWords.Join([$"{path}/run"]));
        unit.Set("directory", path);
        unit.Set("restart", "always");
        var left = new List<string>();
        // what they run after it gets the exit code and the signal; ours gets them in EXIT_CODE and EXIT_STATUS
        if (File.Exists($"{path}/finish")) unit.Set("exec.stopPost", CommandWords.Join(["/bin/sh", "-c", $"exec {CommandWords.Join([$"{path}/finish"])} \"$EXIT_STATUS\" 0"]));
        if (File.Exists($"{path}/down")) unit.Set("enabled", "false");
        if (File.Exists($"{path}/check")) unit.Set("ready", $"exec:{path}/check");
        if (FirstLine($"{path}/notification-fd") is { } number) unit.Set("ready", $"fd:{number}");
        if (FirstLine($"{path}/timeout-kill") is { } kill && UnitValues.Number(kill, 1, int.MaxValue) is { } milliseconds) unit.Set("stopTimeout", $"{milliseconds}ms");
        if (FirstLine($"{path}/down-signal") is { } signal) unit.Set("stopSignal", signal);
        if (FirstLine($"{path}/max-death-tally") is { } tally) unit.Set("startLimit", tally);
        if (Directory.Exists($"{path}/env"))
            foreach (var file in Directory.GetFiles($"{path}/env")) unit.Set($"environment.{Path.GetFileName(file)}", FirstLine(file) ?? "");
        if (File.Exists($"{path}/log/run")) left.Add("log/run: output goes to the manager's own log");
        if (FirstLine($"{path}/type") is { } type and not "longrun") left.Add($"type {type}");
        return new(Path.GetFileName(path.TrimEnd('/')), unit, left);
    }

    private static string? FirstLine(string path) => File.Exists(path) ? File.ReadAllText(path).Split('\n')[0].Trim() : null;
}
