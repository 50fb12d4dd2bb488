using Firn.Supervision.Homes;
using Firn.Supervision.Units;

namespace Firn.Supervision.Engine;

/// <summary>
/// Control groups for the units that ask for limits; cgroup v2 (<c>Documentation/admin-guide/cgroup-v2.rst</c>). Where
/// there is no v2 tree to write to, or it lacks a controller, the unit runs without that limit and says so.
/// </summary>
internal sealed class ControlGroups(PmHome home, Action<string> tell)
{
    private string? _base;
    private bool _isKnown;

    /// <summary>The group for a unit that is about to start; null when it needs none.</summary>
    public string? Prepare(Unit unit)
    {
        if (WantedOf(unit) is not { } wanted) return null;
        if (Base() is not { } parent)
        {
            Say(unit, "limits need a cgroup v2 tree that this manager may write to, and there is none");
            return null;
        }
        var group = $"{parent}/{UnitName.Encode(unit.Name)}";
        try
        {
            Directory.CreateDirectory(group);
            foreach (var (file, value) in wanted) Set(unit, parent, group, file, value);
            return group;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Say(unit, $"limits cannot be set: {error.Message}");
            return null;
        }
    }

    /// <summary>
    /// The group of a unit that an earlier manager has started; null when it has none. Its limits are set again: systemd
    /// takes the controllers away before it starts the next manager.
    /// </summary>
    public string? Resume(Unit unit)
    {
        if (WantedOf(unit) is not { } wanted || Base() is not { } parent) return null;
        var group = $"{parent}/{UnitName.Encode(unit.Name)}";
        if (!Directory.Exists(group)) return null;
        foreach (var (file, value) in wanted) Set(unit, parent, group, file, value);
        return group;
    }

    private static List<GroupSetting>? WantedOf(Unit unit)
    {
        List<GroupSetting>? wanted = null;
        foreach (var limit in unit.Definition.Limits)
            if (UnitLimits.FileOf(limit[..limit.IndexOf('=')]) is { } file) (wanted ??= []).Add(new(file, limit[(limit.IndexOf('=') + 1)..]));
        return wanted;
    }

    /// <summary>A limit has changed while the unit runs.</summary>
    /// <param name="name">As in <see cref="UnitLimits"/>.</param>
    public void Update(Unit unit, string name)
    {
        if (unit.Main == 0 || UnitLimits.FileOf(name) is not { } file) return;
        if (unit.ControlGroup is not { } group)
        {
            Say(unit, $"{name} holds from the next start on: the unit has no control group yet");
            return;
        }
        var value = file.EndsWith("weight", StringComparison.Ordinal) ? "100" : "max";    // the kernel's own
        foreach (var limit in unit.Definition.Limits)
            if (limit.StartsWith(name + "=", StringComparison.Ordinal)) value = limit[(name.Length + 1)..];
        unit.Notice = "";
        Set(unit, Path.GetDirectoryName(group)!, group, file, value);
    }

    private void Set(Unit unit, string parent, string group, string file, string value)
    {
        var controller = file[..file.IndexOf('.')];
        if (!File.Exists($"{group}/{file}"))
        {
            var has = File.ReadAllText($"{Path.GetDirectoryName(parent)}/cgroup.controllers").Trim();
            Say(unit, $"{file} cannot be set: cgroup v2 has no {controller} controller here{(has.Length > 0 ? $" (it has {has})" : "")}");
            return;
        }
        var text = value != "max" && file.StartsWith("memory", StringComparison.Ordinal) ? $"{UnitValues.Size(value)?.ToString() ?? value}" : value;
        try
        {
            File.WriteAllText($"{group}/{file}", text);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Say(unit, $"{file} cannot be {value}: {error.Message}");
        }
    }

    private void Say(Unit unit, string message)
    {
        if (unit.Notice == message) return;
        unit.Notice = message;
        tell($"{unit.Name}: {message}");
    }

    public static bool IsPopulated(string group)
    {
        try
        {
            return File.ReadAllText($"{group}/cgroup.events").Contains("populated 1", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static void Kill(string group)
    {
        try
        {
            File.WriteAllText($"{group}/cgroup.kill", "1");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // before Linux 5.14 there is no such file: the signals to the group have to do
        }
    }

    public static void Remove(string group)
    {
        try
        {
            Directory.Delete(group);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // still busy: the next start uses it again
        }
    }

    public bool RanOutOfMemory(Unit unit)
    {
        if (unit.ControlGroup is not { } group || !File.Exists($"{group}/memory.events")) return false;
        foreach (var line in File.ReadAllLines($"{group}/memory.events"))
            if (line.StartsWith("oom_kill ", StringComparison.Ordinal) && line != "oom_kill 0") return true;
        return false;
    }

    /// <summary>Where units' groups are made: beside our own processes, in the group we were started in.</summary>
    private string? Base()
    {
        if (_isKnown) return _base;
        _isKnown = true;
        try
        {
            string? mount = null, own = null;
            foreach (var line in File.ReadAllLines("/proc/self/mounts"))
                if (line.Split(' ') is [_, var target, "cgroup2", ..]) mount ??= target;
            foreach (var line in File.ReadAllLines("/proc/self/cgroup"))
                if (line.StartsWith("0::", StringComparison.Ordinal)) own = line[3..];
            if (mount is null || own is null) return null;
            var here = mount + (own == "/" ? "" : own);
            if (own != "/" && !own.EndsWith("/manager", StringComparison.Ordinal)) Withdraw(here);
            if (own.EndsWith("/manager", StringComparison.Ordinal)) here = Path.GetDirectoryName(here)!;
            var path = $"{here}/pm{home.Path.Replace('/', '-')}";
            Enable(here);
            Directory.CreateDirectory(path);
            Enable(path);
            _base = path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _base = null;
        }
        return _base;
    }

    /// <summary>A group with controllers for others must have no processes itself.</summary>
    private static void Withdraw(string here)
    {
        var leaf = $"{here}/manager";
        Directory.CreateDirectory(leaf);
        foreach (var pid in File.ReadAllLines($"{here}/cgroup.procs")) File.WriteAllText($"{leaf}/cgroup.procs", pid);
    }

    private static void Enable(string group)
    {
        foreach (var controller in File.ReadAllText($"{group}/cgroup.controllers").Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
            try
            {
                File.WriteAllText($"{group}/cgroup.subtree_control", $"+{controller}");
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // not ours to give: the unit that asks for it hears so
            }
    }

    private sealed record GroupSetting(string File, string Value);
}
