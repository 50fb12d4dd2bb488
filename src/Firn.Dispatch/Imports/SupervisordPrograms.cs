using System.Globalization;
using Firn.Supervision.Units;

namespace Firn.Dispatch.Imports;

/// <summary>Programs of supervisord; its documentation, "[program:x] Section Settings".</summary>
internal static class SupervisordPrograms
{
    /// <param name="here">The directory of the file: <c>%(here)s</c>.</param>
    public static List<ImportedUnit> Convert(string text, string here)
    {
        var units = new List<ImportedUnit>();
        ImportedUnit? unit = null;
        List<string> left = [];
        var current = "";
        var processes = 1;
        foreach (var (section, key, value) in IniText.Read(text, isContinued: false))
        {
            if (section != current)
            {
                Close();
                current = section;
                if (!section.StartsWith("program:", StringComparison.Ordinal)) continue;
                unit = new(section["program:".Length..], new(), left = []);
                unit.Properties.Set("ready", "settle(1s)");
            }
            if (unit is null) continue;
            if (key == "numprocs" && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count)) processes = count;
            else if (Expand(value) is var meant && (meant.Contains("%(ENV_", StringComparison.Ordinal) || !TryConvert(unit.Properties, key, meant))) left.Add($"[{section}] {key}={value}");
        }
        Close();
        return units;

        string Expand(string value) => value.Replace("%(program_name)s", unit.Name).Replace("%(group_name)s", unit.Name).Replace("%(here)s", here).Replace("%%", "%");

        void Close()
        {
            if (unit is null) return;
            if (processes == 1) units.Add(unit);
            else
                for (var i = 0; i < processes; i++)
                    units.Add(unit with { Name = $"{unit.Name}-{i}", Properties = UnitProperties.Parse(unit.Properties.ToString().Replace("%(process_num)d", $"{i}").Replace("%(process_num)02d", $"{i:00}")) });
            (unit, processes) = (null, 1);
        }
    }

    private static bool TryConvert(UnitProperties unit, string key, string value)
    {
        switch (key)
        {
            case "command": unit.Set("exec.run", value); return true;
            case "directory": unit.Set("directory", value); return true;
            case "user": unit.Set("user", value); return true;
            case "umask": unit.Set("umask", value); return true;
            case "autostart": unit.Set("enabled", value == "false" ? "false" : "true"); return true;
            case "autorestart": unit.Set("restart", value switch { "true" => "always", "false" => "no", _ => "on-failure" }); return true;
            case "startsecs": unit.Set("ready", $"settle({value}s)"); return true;
            case "startretries": unit.Set("startLimit", value); return true;
            case "exitcodes": unit.Set("successCodes", value); return true;
            case "stopsignal": unit.Set("stopSignal", value); return true;
            case "stopwaitsecs": unit.Set("stopTimeout", $"{value}s"); return true;
            case "environment":
                foreach (var pair in value.Split(','))
                    if (pair.IndexOf('=') is > 0 and var equals) unit.Set($"environment.{pair[..equals].Trim()}", pair[(equals + 1)..].Trim().Trim('"', '\''));
                return true;
            case "process_name" or "redirect_stderr": return true;
            case "stdout_logfile_maxbytes": unit.Set("logSize", value.Replace("MB", "M").Replace("KB", "K").Replace("GB", "G")); return true;
            case "stdout_logfile_backups": unit.Set("logKeep", value == "0" ? "1" : value); return true;
            default: return false;
        }
    }
}
