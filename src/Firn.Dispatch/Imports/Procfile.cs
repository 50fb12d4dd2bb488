using Firn.Supervision.Units;

namespace Firn.Dispatch.Imports;

/// <summary><c>NAME: COMMAND</c>, a line for each process, the command one of the shell.</summary>
internal static class Procfile
{
    public static List<ImportedUnit> Convert(string text)
    {
        var units = new List<ImportedUnit>();
        foreach (var line in text.Split('\n'))
        {
            var colon = line.IndexOf(':');
            if (colon <= 0 || line.TrimStart().StartsWith('#') || !UnitName.IsValid(line[..colon].Trim())) continue;
            var unit = new UnitProperties();
            unit.Set("exec.run", CommandWords.Join(["/bin/sh", "-c", $"exec {line[(colon + 1)..].Trim()}"]));
            unit.Set("restart", "always");
            units.Add(new(line[..colon].Trim(), unit, []));
        }
        return units;
    }
}
