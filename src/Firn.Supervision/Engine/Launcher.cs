using System.Collections;
using Firn.Linux.Processes;
using Firn.Supervision.Holding;
using Firn.Supervision.Homes;
using Firn.Supervision.Units;

namespace Firn.Supervision.Engine;

/// <summary>
/// Starts processes of units. What a process must be given before its program begins and posix_spawn(3) cannot give
/// (a control group, a user, limits, a root) is given by small programs in front of it, each of which replaces itself.
/// </summary>
internal sealed class Launcher(PmHome home)
{
    /// <summary>Codes of starts that failed, as systemd has them; systemd.exec(5).</summary>
    public const int NoDirectory = 200, NoProgram = 203;

    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private readonly List<string> _inherited = InheritedEnvironment();

    /// <param name="output">Where both outputs go: a path.</param>
    /// <param name="terminal">What it uses instead of an output and of nothing to read; null for none.</param>
    /// <param name="extra">One more descriptor, for readiness.</param>
    /// <returns>The new process, or the code of what failed.</returns>
    public (int Pid, int FailedWith, string Reason) Start(
        Unit unit, string[] words, (string Path, ChildStream Use) output, string? terminal, (int Number, string Path)? extra, List<string> variables)
    {
        var definition = unit.Definition;
        if (definition.Directory.Length > 0 && definition.Root.Length == 0 && !Directory.Exists(definition.Directory))
            return (0, NoDirectory, $"{definition.Directory}: no such directory");
        var environment = new List<string>(_inherited);
        AddFile(environment, definition.EnvironmentFile);
        foreach (var variable in definition.Environment) Set(environment, variable);
        foreach (var variable in variables) Set(environment, variable);
        environment.Add($"PM_UNIT={unit.Name}");
        environment.Add($"PM_JOB={unit.Job}");
        environment.Add($"PM_HOME={home.Path}");
        var arguments = Chain(unit, definition, words);
        var spawn = new ChildSpawn
        {
            Program = arguments[0],
            Arguments = arguments,
            Environment = environment,
            WorkingDirectory = definition.Directory.Length > 0 && definition.Root.Length == 0 ? definition.Directory : "/",
        };
        spawn.Open(0, terminal ?? "/dev/null", terminal is null ? ChildStream.Read : ChildStream.ReadWrite);
        spawn.Open(1, terminal ?? output.Path, terminal is null ? output.Use : ChildStream.ReadWrite);
        if (extra is { } more) spawn.Open(more.Number, more.Path, ChildStream.ReadWrite);
        var (pid, error) = spawn.Start();
        return error == 0 ? (pid, 0, "") : (0, NoProgram, $"{arguments[0]}: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)}");
    }

    private static string[] Chain(Unit unit, UnitDefinition definition, string[] words)
    {
        var chain = new List<string>();
        if (unit.ControlGroup is { } group)
            chain.AddRange(["/bin/sh", "-c", "echo 0 > \"$0/cgroup.procs\" && exec \"$@\"", group]);
        var oomScore = "";
        var limits = new List<string>();
        foreach (var limit in definition.Limits)
        {
            var name = limit[..limit.IndexOf('=')];
            var value = limit[(name.Length + 1)..];
            if (name == UnitLimits.OomScore) oomScore = value;
            else if (UnitLimits.OptionOf(name) is { } option) limits.Add($"{option}={(value == "max" ? "unlimited" : UnitValues.Size(value)?.ToString() ?? value)}");
        }
        if (limits.Count > 0) chain.AddRange(["prlimit", .. limits, "--"]);
        if (oomScore.Length > 0) chain.AddRange(["/bin/sh", "-c", "echo \"$0\" > /proc/self/oom_score_adj; exec \"$@\"", oomScore]);
        if (definition.Nice.Length > 0) chain.AddRange(["nice", "-n", definition.Nice]);
        if (definition.Namespaces.Length > 0)
        {
            chain.Add("unshare");
            foreach (var name in definition.Namespaces.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)) chain.Add($"--{name}");
            chain.Add("--");
        }
        if (definition.Log == LogKind.Journal) chain.AddRange(["systemd-cat", "-t", unit.Name, "--"]);
        if (definition.Root.Length > 0) AddRoot(chain, definition);
        else AddUser(chain, definition);
        if (definition.Umask.Length > 0) chain.AddRange(["/bin/sh", "-c", "umask \"$0\" && exec \"$@\"", definition.Umask]);
        if (chain.Count == 0) return words;
        chain.AddRange(words);
        return [.. chain];
    }

    private static void AddRoot(List<string> chain, UnitDefinition definition)
    {
        chain.Add("chroot");
        if (definition.User.Length > 0 || definition.Group.Length > 0) chain.Add($"--userspec={definition.User}:{definition.Group}");
        if (definition.Groups.Length > 0) chain.Add($"--groups={definition.Groups}");
        chain.Add(definition.Root);
        if (definition.Directory.Length > 0) chain.AddRange(["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", definition.Directory]);
    }

    private static void AddUser(List<string> chain, UnitDefinition definition)
    {
        var options = new List<string>();
        if (definition.User.Length > 0)
        {
            options.Add($"--reuid={definition.User}");
            if (definition.Group.Length == 0) options.Add($"--regid={GroupOf(definition.User)}");
        }
        if (definition.Group.Length > 0) options.Add($"--regid={definition.Group}");
        if (definition.Groups.Length > 0) options.Add($"--groups={definition.Groups}");
        else if (definition.User.Length > 0 && !char.IsAsciiDigit(definition.User[0])) options.Add("--init-groups");
        else if (options.Count > 0) options.Add("--clear-groups");
        if (definition.Capabilities.Length > 0)
        {
            var capabilities = "-all";
            foreach (var name in definition.Capabilities.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
                capabilities += $",+{name.ToLowerInvariant().Replace("cap_", "", StringComparison.Ordinal)}";
            options.AddRange([$"--bounding-set={capabilities}", $"--inh-caps={capabilities}", $"--ambient-caps={capabilities}"]);
        }
        if (options.Count > 0) chain.AddRange(["setpriv", .. options, "--"]);
    }

    /// <summary>The group of a user: that of <c>nobody</c> is <c>nogroup</c> here and there. The name itself for who is in no passwd(5).</summary>
    private static string GroupOf(string user)
    {
        if (!File.Exists("/etc/passwd")) return user;
        foreach (var line in File.ReadAllLines("/etc/passwd"))
            if (line.Split(':') is [var name, _, var number, var group, ..] && (name == user || number == user)) return group;
        return user;
    }

    private static void AddFile(List<string> environment, string path)
    {
        if (path.Length == 0) return;
        var isOptional = path.StartsWith('-');
        if (isOptional) path = path[1..];
        if (!File.Exists(path)) return;
        foreach (var line in File.ReadAllLines(path))
            if (line.TrimStart() is { Length: > 0 } text && text[0] is not ('#' or ';') && text.IndexOf('=') is > 0 and var equals)
                Set(environment, $"{text[..equals].TrimEnd()}={ValueOf(text[(equals + 1)..])}");
    }

    /// <summary>What is in quotes is as it is; a quote that is not closed is a letter like others.</summary>
    private static string ValueOf(string text) => CommandWords.Split(text) is { } words ? string.Join(' ', words) : text.Trim();

    /// <summary>In place of what the variable was before: two of a name mean different things to different programs.</summary>
    private static void Set(List<string> environment, string variable)
    {
        var name = variable[..(variable.IndexOf('=') + 1)];
        for (var i = 0; i < environment.Count; i++)
            if (environment[i].StartsWith(name, StringComparison.Ordinal))
            {
                environment[i] = variable;
                return;
            }
        environment.Add(variable);
    }

    private static List<string> InheritedEnvironment()
    {
        var environment = new List<string>();
        var hasPath = false;
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (Holder.IsOurs(name) || name is "PWD" or "PMHOME" or ManagerKind.Variable or Manager.ParentNotify) continue;
            hasPath |= name == "PATH";
            environment.Add($"{name}={variable.Value}");
        }
        if (!hasPath) environment.Add($"PATH={DefaultPath}");
        return environment;
    }
}
