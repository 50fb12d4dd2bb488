using System.Globalization;
using System.IO.Enumeration;
using Firn.Supervision.Units;

namespace Firn.Dispatch.Imports;

/// <summary>Programs of supervisord; its documentation, "[program:x] Section Settings".</summary>
internal static class SupervisordPrograms
{
    private const string Program = "program:", Group = "group:";

    /// <summary>What it waits at most before it tries again, in seconds.</summary>
    private const int LongestPause = 4;

    /// <param name="here">The directory of the file: <c>%(here)s</c>.</param>
    /// <param name="variable">A variable of the environment, which <c>%(ENV_NAME)s</c> means; null for one that is not there.</param>
    /// <exception cref="InvalidDataException">There is no program in it.</exception>
    public static List<ImportedUnit> Convert(string text, string here, Func<string, string?> variable)
    {
        var sections = SupervisordText.Read(text + Included(text, here));
        var all = sections.Find(section => section.Name == "supervisord").Values ?? [];
        var groups = new Dictionary<string, string>();
        var left = new List<string>();
        foreach (var (name, values) in sections)
            if (name.StartsWith(Group, StringComparison.Ordinal))
                foreach (var program in values.GetValueOrDefault("programs", "").Split([',', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries)) groups[program] = name[Group.Length..].Trim();
            else if (name.StartsWith("eventlistener:", StringComparison.Ordinal) || name.StartsWith("fcgi-program:", StringComparison.Ordinal)) left.Add($"[{name}]");
        var units = new List<ImportedUnit>();
        foreach (var (section, values) in sections)
        {
            if (!section.StartsWith(Program, StringComparison.Ordinal)) continue;
            var name = section[Program.Length..].Trim();
            var count = Whole(values, "numprocs", 1);
            var first = Whole(values, "numprocs_start", 0);
            for (var number = first; number < first + count; number++)
            {
                var own = new Dictionary<string, string>
                {
                    ["here"] = here,
                    ["program_name"] = name,
                    ["group_name"] = groups.GetValueOrDefault(name, name),
                    ["process_num"] = $"{number}",
                    ["numprocs"] = $"{count}",
                };
                units.Add(Convert(section, count == 1 ? name : $"{name}-{number}", values, all, word => own.GetValueOrDefault(word) ?? (word.StartsWith("ENV_", StringComparison.Ordinal) ? variable(word[4..]) : null)));
            }
        }
        if (units.Count == 0) throw new InvalidDataException("expected a [program:…] section");
        return [units[0] with { NotConverted = [.. left, .. units[0].NotConverted] }, .. units.Skip(1)];
    }

    private static ImportedUnit Convert(string section, string name, Dictionary<string, string> values, Dictionary<string, string> all, Func<string, string?> meaning)
    {
        var unit = new UnitProperties();
        var left = new List<string>();
        var variables = new Dictionary<string, string>();
        foreach (var text in (string?[])[all.GetValueOrDefault("environment"), values.GetValueOrDefault("environment")])
            if (text is not null && SupervisordText.Expand(text, meaning) is { } meant)
                foreach (var (key, value) in SupervisordText.Pairs(meant)) variables[key] = value;
            else if (text is not null) left.Add($"[{section}] environment={text}");
        foreach (var (key, value) in variables)
            if (value.Length > 0) unit.Set($"environment.{key}", ImportedUnit.Literal(value));
            else left.Add($"[{section}] environment={key}=\"\"");    // to us, a key without a value is none
        foreach (var key in (string[])["directory", "user", "umask"])
            if (all.TryGetValue(key, out var common)) values = new(values) { [key] = values.GetValueOrDefault(key, common) };
        foreach (var (key, value) in values)
        {
            if (key == "environment") continue;
            var meant = key == "process_name" ? value : SupervisordText.Expand(value, word => word.StartsWith("ENV_", StringComparison.Ordinal) && variables.TryGetValue(word[4..], out var known) ? known : meaning(word));
            if (meant is null || !TryConvert(unit, key, meant, values)) left.Add($"[{section}] {key}={value.Replace('\n', ' ')}");
        }
        var settle = Whole(values, "startsecs", 1);
        var tries = Whole(values, "startretries", 3) + 1;
        unit.Set("ready", $"settle({settle}s)");
        unit.Set("startLimit", $"{tries}");
        unit.Set("startLimitWindow", $"{tries * (settle + LongestPause)}s");    // only those count that follow each other at once
        return new(name, unit, left);
    }

    private static bool TryConvert(UnitProperties unit, string key, string value, Dictionary<string, string> all)
    {
        switch (key)
        {
            case "command":
                if (SupervisordText.Words(value) is not { Count: > 0 } words) return false;
                unit.Set("exec.run", ImportedUnit.Literal(CommandWords.Join(words)));
                return true;
            case "directory" or "user" or "umask": unit.Set(key, ImportedUnit.Literal(value)); return true;
            case "autostart": unit.Set("enabled", IsTrue(value) ? "true" : "false"); return true;
            case "autorestart": unit.Set("restart", value == "unexpected" ? "on-failure" : IsTrue(value) ? "always" : "no"); return true;
            case "exitcodes": unit.Set("successCodes", value); return true;
            case "stopsignal": unit.Set("stopSignal", value); return true;
            case "stopwaitsecs": unit.Set("stopTimeout", $"{value}s"); return true;
            // ours go to all processes of a unit
            case "stopasgroup" or "killasgroup": return true;
            case "startsecs" or "startretries" or "numprocs" or "numprocs_start" or "process_name" or "redirect_stderr": return true;
            case "priority": return value == "999";
            case "serverurl": return value.Equals("AUTO", StringComparison.OrdinalIgnoreCase);
            case "stdout_events_enabled" or "stderr_events_enabled" or "stdout_syslog" or "stderr_syslog": return !IsTrue(value);
            case "stdout_capture_maxbytes" or "stderr_capture_maxbytes": return value == "0";
            case "stdout_logfile" or "stderr_logfile" when value.Equals("AUTO", StringComparison.OrdinalIgnoreCase): return true;
            case "stdout_logfile" when IsNone(value) && (IsNone(all.GetValueOrDefault("stderr_logfile", "")) || IsTrue(all.GetValueOrDefault("redirect_stderr", ""))):
                unit.Set("log", "none");
                return true;
            case "stderr_logfile" when IsNone(value) && IsNone(all.GetValueOrDefault("stdout_logfile", "")): return true;
            case "stderr_logfile" when IsTrue(all.GetValueOrDefault("redirect_stderr", "")): return true;
            case "stdout_logfile_maxbytes" when value != "0": unit.Set("logSize", value.ToUpperInvariant().Replace("B", "")); return true;
            case "stdout_logfile_backups": unit.Set("logKeep", value == "0" ? "1" : value); return true;
            default: return false;
        }
    }

    /// <summary>The files that <c>[include]</c> names, <c>*</c> and <c>?</c> understood in their names.</summary>
    private static string Included(string text, string here)
    {
        var files = SupervisordText.Read(text).Find(section => section.Name == "include").Values?.GetValueOrDefault("files", "") ?? "";
        var included = new System.Text.StringBuilder();
        foreach (var pattern in files.Replace("%(here)s", here).Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            var path = Path.GetFullPath(pattern, here);
            if (Path.GetDirectoryName(path) is not { } directory || !Directory.Exists(directory)) continue;
            foreach (var file in Directory.GetFiles(directory).Where(file => FileSystemName.MatchesSimpleExpression(Path.GetFileName(path), Path.GetFileName(file), ignoreCase: false)).Order(StringComparer.Ordinal))
                included.Append('\n').Append(File.ReadAllText(file).Replace("%(here)s", ImportedUnit.Literal(directory)));    // its own
        }
        return included.ToString();
    }

    private static int Whole(Dictionary<string, string> values, string key, int otherwise) =>
        int.TryParse(values.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 10_000 ? number : otherwise;

    private static bool IsTrue(string value) => value.ToLowerInvariant() is "true" or "yes" or "on" or "1";

    private static bool IsNone(string value) => value.ToLowerInvariant() is "none" or "off";
}
