using Firn.Supervision.Units;

namespace Firn.Dispatch.Imports;

/// <summary>A service unit of systemd: the common keys; systemd.unit(5), systemd.service(5), systemd.exec(5).</summary>
internal static class SystemdService
{
    /// <summary>Ends by name that a service may call a success; sysexits.h as systemd.exec(5) has it.</summary>
    private static readonly string[] Exits =
    [
        "USAGE", "DATAERR", "NOINPUT", "NOUSER", "NOHOST", "UNAVAILABLE", "SOFTWARE", "OSERR", "OSFILE", "CANTCREAT", "IOERR", "TEMPFAIL", "PROTOCOL",
        "NOPERM", "CONFIG",
    ];

    private const int FirstExit = 64;

    public static ImportedUnit Convert(string name, string text)
    {
        var unit = new UnitProperties();
        var left = new List<string>();
        var type = "simple";
        foreach (var (section, key, value) in IniText.Read(text))
        {
            if (value.Length == 0) continue;
            if (section == "Service" && key == "Type") type = value;
            else if (Specifiers(value) is var meant && (meant is null || !TryConvert(unit, section, key, meant))) left.Add($"[{section}] {key}={value}");
            else if (key == "ExecStart" && value.TrimStart(':', '+', '!').StartsWith('-')) left.Add($"[{section}] {key}={value}: that it may fail");
        }
        switch (type)
        {
            case "oneshot": unit.Set("type", "oneshot"); break;
            case "notify" or "notify-reload": unit.Set("ready", "notify"); break;
            case "forking" when unit.Value("pidFile") is not null: unit.Set("ready", "pidfile"); break;
            case "forking": left.Add("[Service] Type=forking without PIDFile"); break;
            case "simple" or "exec": unit.Set("ready", "settle(0ms)"); break;
            case var other: left.Add($"[Service] Type={other}"); break;
        }
        // there, a service is not started again unless it says so
        if (unit.Value("restart") is null) unit.Set("restart", "no");
        return new(name, unit, left);
    }

    private static bool TryConvert(UnitProperties unit, string section, string key, string value)
    {
        switch (key)
        {
            case "Description": unit.Set("description", value); return true;
            case "Requires": return Relation(unit, "requires", value);
            case "Requisite": return Relation(unit, "requisite", value);
            case "Wants": return Relation(unit, "wants", value);
            case "BindsTo": return Relation(unit, "bindsTo", value);
            case "PartOf": return Relation(unit, "partOf", value);
            case "After": return Relation(unit, "after", value);
            case "Before": return Relation(unit, "before", value);
            case "ExecStart" when unit.Value("exec.run") is null && Command(value) is { } run: unit.Set("exec.run", run.TrimStart('-')); return true;
            case "ExecStartPre": return Add(unit, "exec.startPre", value);
            case "ExecStop": return Add(unit, "exec.stop", value);
            case "ExecStopPost": return Add(unit, "exec.stopPost", value);
            case "ExecReload": return Add(unit, "exec.reload", value);
            case "PIDFile": unit.Set("pidFile", value.StartsWith('/') ? value : $"/run/{value}"); return true;
            case "Restart":
                unit.Set("restart", value switch { "always" or "on-success" => "always", "no" => "no", _ => "on-failure" });
                return value is "always" or "no" or "on-failure";
            case "RestartSec": return Time(unit, "restartDelay", value);
            case "TimeoutStartSec": return Time(unit, "startTimeout", value);
            case "TimeoutStopSec": return Time(unit, "stopTimeout", value);
            case "TimeoutSec": return Time(unit, "startTimeout", value) && Time(unit, "stopTimeout", value);
            case "WatchdogSec": return Time(unit, "watchdog", value);
            case "StartLimitIntervalSec" or "StartLimitInterval": return Time(unit, "startLimitWindow", value);
            case "StartLimitBurst": unit.Set("startLimit", value); return true;
            case "RemainAfterExit": unit.Set("remain", UnitValues.Boolean(value) == true ? "true" : "false"); return true;
            case "SuccessExitStatus":
                unit.Set("successCodes", string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => Array.IndexOf(Exits, word) is >= 0 and var index ? $"{FirstExit + index}" : word)));
                return true;
            case "KillSignal": unit.Set("stopSignal", value); return true;
            case "User": unit.Set("user", value); return true;
            case "Group": unit.Set("group", value); return true;
            case "SupplementaryGroups": unit.Set("groups", value.Replace(' ', ',')); return true;
            case "WorkingDirectory" when value.StartsWith('/'): unit.Set("directory", value); return true;
            case "RootDirectory": unit.Set("root", value); return true;
            case "UMask": unit.Set("umask", value); return true;
            case "Nice": unit.Set("nice", value); return true;
            case "Environment":
                foreach (var pair in CommandWords.Split(value) ?? [])
                    if (pair.IndexOf('=') is > 0 and var equals) unit.Set($"environment.{pair[..equals]}", pair[(equals + 1)..]);
                return true;
            case "EnvironmentFile": unit.Set("environmentFile", value); return true;
            case "MemoryMax": unit.Set("limits.memoryMax", value == "infinity" ? "max" : value); return true;
            case "MemoryHigh": unit.Set("limits.memoryHigh", value == "infinity" ? "max" : value); return true;
            case "TasksMax" when value != "infinity": unit.Set("limits.pidsMax", value); return true;
            case "CPUWeight": unit.Set("limits.cpuWeight", value); return true;
            case "LimitNOFILE": unit.Set("limits.openFiles", value.Replace("infinity", "max")); return true;
            case "LimitNPROC": unit.Set("limits.processes", value.Replace("infinity", "max")); return true;
            case "LimitCORE": unit.Set("limits.core", value.Replace("infinity", "max")); return true;
            case "OOMScoreAdjust": unit.Set("limits.oomScoreAdjust", value); return true;
            case "AmbientCapabilities": unit.Set("capabilities", value); return true;
            case "StandardOutput" or "StandardError": return value is "journal" or "inherit";
            case "WantedBy" or "Documentation": return section is "Install" or "Unit";
            default: return false;
        }
    }

    /// <summary>What a value means on the machine; systemd.unit(5), "Specifiers". Null when it has one that we have no word for.</summary>
    private static string? Specifiers(string value)
    {
        if (!value.Contains('%', StringComparison.Ordinal)) return value;
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '%' || i + 1 == value.Length)
            {
                text.Append(value[i]);
                continue;
            }
            var meant = value[++i] switch
            {
                'i' or 'I' or 'j' or 'J' => "%i",
                'p' or 'P' => "%p",
                'n' or 'N' => "%n",
                't' => "/run",
                'S' => "/var/lib",
                'C' => "/var/cache",
                'L' => "/var/log",
                'E' => "/etc",
                '%' => "%",
                _ => null,
            };
            if (meant is null) return null;
            text.Append(meant);
        }
        return text.ToString();
    }

    /// <summary>Only other services are units of ours; targets, sockets and mounts of systemd are not.</summary>
    private static bool Relation(UnitProperties unit, string key, string value)
    {
        var all = true;
        foreach (var other in value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            if (other.EndsWith(".service", StringComparison.Ordinal)) unit.Add(key, other[..^".service".Length]);
            else all = false;
        return all;
    }

    private static bool Add(UnitProperties unit, string key, string value)
    {
        if (Command(value) is not { } command) return false;
        unit.Add(key, command);
        return true;
    }

    /// <summary>Null for prefixes that say what we have no word for (other users, arguments in place of the name).</summary>
    private static string? Command(string value)
    {
        var mayFail = false;
        while (value.Length > 0 && value[0] is '-' or ':' or '@' or '+' or '!')
        {
            if (value[0] == '@') return null;
            mayFail |= value[0] == '-';
            value = value[1..].TrimStart();
        }
        var needsShell = value.Contains('$', StringComparison.Ordinal);
        var command = needsShell ? CommandWords.Join(["/bin/sh", "-c", $"exec {value}"]) : value;
        return mayFail ? $"-{command}" : command;
    }

    private static bool Time(UnitProperties unit, string key, string value)
    {
        var text = value.Replace("sec", "s", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        if (UnitValues.Time(text) is null) return false;
        unit.Set(key, text == "0" && key.EndsWith("Timeout", StringComparison.Ordinal) ? "infinity" : text);
        return true;
    }
}
