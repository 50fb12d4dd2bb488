using System.Text;
using Firn.Formats.Yaml;
using Firn.Linux.Processes;

namespace Firn.Supervision.Units;

/// <summary>Makes a definition of the properties of a unit. What is wrong is reported with its key, and a default taken.</summary>
public sealed class UnitParser
{
    private const string Jail = "mount pid fork mount-proc ipc uts";    // options of unshare(1)

    private readonly UnitProperties _properties;
    private readonly string _name;
    private readonly Action<string, string> _report;

    private UnitParser(string name, UnitProperties properties, Action<string, string> report) =>
        (_name, _properties, _report) = (name, properties, report);

    /// <param name="report">Hears of every problem: its key, and what is wrong with it.</param>
    public static UnitDefinition Parse(string name, UnitProperties properties, Action<string, string> report) =>
        new UnitParser(name, properties, report).Parse();

    private UnitDefinition Parse()
    {
        CheckKeys();
        var kind = _properties.Value("type") ?? "service";
        var shape = UnitShape.Of(kind, _properties, Text) ?? Report<UnitShape>("type", kind, UnitShape.Expected) ?? new(UnitType.Service);
        var run = Command("exec.run", shape.Run);
        if (run.Length == 0 && shape.Type != UnitType.Resource) _report("run", $"run is missing; expected a command such as /usr/bin/{_name}");
        var log = ParseLog(out var target);
        var hasTerminal = Boolean("tty", false);
        var manager = kind == "pm" ? ParseManager() : "";
        return new()
        {
            Name = _name,
            Description = Text("description"),
            Type = shape.Type,
            IsEnabled = Boolean("enabled", true),
            Run = run,
            StartPre = Commands("exec.startPre"),
            Stop = Commands("exec.stop", shape.Stop),
            StopPost = Commands("exec.stopPost"),
            Reload = Commands("exec.reload", shape.Reload),
            RestartPre = Commands("exec.restartPre"),
            Check = Commands("exec.check", shape.Check),
            CheckInterval = Time("checkInterval", shape.Type == UnitType.Resource ? 60_000 : int.MaxValue),
            CheckFailures = Number("checkFailures", 1, 1, 1000),
            Ready = ParseReady(shape.Type, manager.Length > 0),
            Exclusive = Text("exclusive"),
            Manager = manager,
            Remains = Boolean("remain", false),
            PidFile = Text("pidFile"),
            Watchdog = Time("watchdog", int.MaxValue),
            Restart = Text("restart") switch
            {
                "" or "on-failure" => RestartPolicy.OnFailure,
                "no" or "false" => RestartPolicy.No,
                "always" => RestartPolicy.Always,
                var other => Report("restart", other, "no, on-failure or always", RestartPolicy.OnFailure),
            },
            RestartDelay = Time("restartDelay", 0),
            MaxDelay = Time("maxDelay", 60_000),
            StartLimit = Number("startLimit", 10, 0, 1_000_000),
            StartLimitWindow = Time("startLimitWindow", 600_000),
            StableTime = Time("stableTime", 10_000),
            SuccessCodes = ParseCodes(),
            StartTimeout = Time("startTimeout", 90_000),
            StopTimeout = Time("stopTimeout", manager.Length > 0 ? 120_000 : 10_000),    // a manager has units to stop
            KillTimeout = Time("killTimeout", 5_000),
            DependTimeout = Time("dependTimeout", 90_000),
            ReloadTimeout = Time("reloadTimeout", 30_000),
            StopSignal = Signal("stopSignal", Signals.Terminate),
            ReloadSignal = Signal("reloadSignal", Signals.HangUp),
            Requires = Names("requires"),
            Requisite = Names("requisite"),
            Wants = Names("wants"),
            BindsTo = Names("bindsTo"),
            PartOf = Names("partOf"),
            After = Names("after"),
            Before = Names("before"),
            AlsoReload = Names("alsoReload"),
            User = Text("user"),
            Group = Text("group"),
            Groups = Text("groups"),
            Directory = Text("directory"),
            Root = Text("root"),
            Umask = Text("umask"),
            Nice = _properties.Value("nice") is null ? "" : $"{Number("nice", 0, -20, 19)}",
            Capabilities = Text("capabilities"),
            Namespaces = Text("namespaces") is { Length: > 0 } namespaces ? namespaces : manager == ManagerKind.Jail ? Jail : "",
            Environment = Prefixed("environment."),
            EnvironmentFile = Text("environmentFile"),
            Limits = ParseLimits(),
            HasTerminal = hasTerminal,
            Log = log,
            LogTarget = target,
            LogSize = Size("logSize", 1 << 20),
            LogKeep = Number("logKeep", 10, 1, 100_000),
            LogStamps = Boolean("logStamp", false),
            LogCompress = Boolean("logCompress", false),
        };
    }

    private void CheckKeys()
    {
        for (var i = 0; i < _properties.Count; i++)
        {
            var key = _properties.KeyAt(i);
            if (UnitKey.Find(key) is not null) continue;
            var names = new List<string>();
            foreach (var known in UnitKey.Known) names.Add(known.Name.TrimEnd('.'));
            _report(key, $"unknown key {Suggestion.Quote(key)}{(Suggestion.For(key, names) is { } meant ? $"; did you mean '{meant}'?" : "")}");
        }
    }

    private string ParseManager()
    {
        var kind = Text("pm.kind") is { Length: > 0 } text ? text : _properties.Value("user") is null ? ManagerKind.Root : ManagerKind.User;
        if (!ManagerKind.IsKnown(kind)) return Report("pm.kind", kind, ManagerKind.Expected, ManagerKind.User);
        if (!Text("pm.home").StartsWith('/')) _report("pm.home", "pm.home is missing; expected the directory of the manager's state, from / on");
        if (ManagerKind.HasOwnRoot(kind) && _properties.Value("root") is null) _report("pm.kind", $"a {kind} needs root, the directory that is its /");
        if (Text("pm.onManagerDeath") is not ("" or "adopt" or "kill") and var policy) Report("pm.onManagerDeath", policy, "adopt or kill", "");
        return kind;
    }

    private Readiness ParseReady(UnitType type, bool isManager)
    {
        var text = Text("ready");
        // from another root, the socket of its parent's is out of sight; its own is not
        if (text.Length == 0 && isManager)
            return Text("root") is { Length: > 0 } root ? new(ReadyKind.Unix, $"{root.TrimEnd('/')}{Text("pm.home")}/pm.socket") : new(ReadyKind.Notify);
        if (text.Length == 0)
            return type == UnitType.Oneshot || (type == UnitType.Resource) ? new(ReadyKind.Exit)
                : _properties.Value("pidFile") is not null ? new(ReadyKind.PidFile) : Readiness.Default;
        var ready = Readiness.Parse(text) ?? Report("ready", text, Readiness.Expected, Readiness.Default);
        if (ready.Kind == ReadyKind.PidFile && _properties.Value("pidFile") is null) _report("ready", "ready is pidfile, and there is no pidFile");
        if (ready.Kind == ReadyKind.Exit && type == UnitType.Service) _report("ready", "ready cannot be exit for a service that stays; expected type: oneshot");
        return ready;
    }

    private LogKind ParseLog(out string target)
    {
        var text = Text("log");
        target = text.StartsWith("udp://", StringComparison.Ordinal) ? text[6..] : "";
        if (target.Length > 0) return LogKind.Udp;
        return text switch
        {
            "" or "pipe" => LogKind.Pipe,
            "file" => LogKind.File,
            "none" => LogKind.None,
            "journal" => LogKind.Journal,
            _ => Report("log", text, "pipe, file, journal, none or udp://HOST:PORT", LogKind.Pipe),
        };
    }

    private int[] ParseCodes()
    {
        var codes = new List<int>();
        foreach (var text in Text("successCodes").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
            if (UnitValues.Number(text, 0, 255) is { } code) codes.Add(code);
            else if (Signals.TryParse(text, out var signal)) codes.Add(128 + signal);
            else Report("successCodes", text, "numbers from 0 to 255 or names of signals", 0);
        return [.. codes];
    }

    private string[] ParseLimits()
    {
        var limits = Prefixed("limits.");
        foreach (var limit in limits)
            if (limit[..limit.IndexOf('=')] is var name && !UnitLimits.IsKnown(name))
                _report($"limits.{name}", $"limits has no {Suggestion.Quote(name)}; expected memoryMax, pidsMax, cpuMax, cpuWeight, ioMax, openFiles or another of the reference");
        return limits;
    }

    private string[] Prefixed(string prefix)
    {
        var values = new List<string>();
        for (var i = 0; i < _properties.Count; i++)
            if (_properties.KeyAt(i) is var key && key.StartsWith(prefix, StringComparison.Ordinal) && key.Length > prefix.Length)
                values.Add($"{key[prefix.Length..]}={Expand(_properties.ValueAt(i))}");
        return values.Count == 0 ? [] : [.. values];
    }

    private string Text(string key) => _properties.Value(key) is { } value ? Expand(value) : "";

    private int Time(string key, int fallback) =>
        Text(key) is { Length: > 0 } text ? UnitValues.Time(text) ?? Report(key, text, UnitValues.TimeExpected, fallback) : fallback;

    private long Size(string key, long fallback) =>
        Text(key) is { Length: > 0 } text ? UnitValues.Size(text) ?? Report(key, text, UnitValues.SizeExpected, fallback) : fallback;

    private int Number(string key, int fallback, int minimum, int maximum) =>
        Text(key) is { Length: > 0 } text ? UnitValues.Number(text, minimum, maximum) ?? Report(key, text, $"a number from {minimum} to {maximum}", fallback) : fallback;

    private bool Boolean(string key, bool fallback) =>
        Text(key) is { Length: > 0 } text ? UnitValues.Boolean(text) ?? Report(key, text, "true or false", fallback) : fallback;

    private int Signal(string key, int fallback) =>
        Text(key) is not { Length: > 0 } text ? fallback : Signals.TryParse(text, out var signal) ? signal : Report(key, text, "a signal such as TERM", fallback);

    private string[] Names(string key)
    {
        var values = _properties.Values(key);
        if (values.Length == 0) return [];
        var names = new List<string>();
        foreach (var value in values)
            foreach (var name in Expand(value).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
                if (UnitName.IsValid(name)) names.Add(name);
                else Report(key, name, $"names of units, each {UnitName.Expected}", 0);
        return [.. names];
    }

    private string[] Command(string key, string[]? fallback) =>
        _properties.Value(key) is not { } text ? fallback ?? []
            : CommandWords.Split(Expand(text)) is { Length: > 0 } words ? words
            : Report<string[]>(key, text, "a command, its quotes closed", []);

    private string[][] Commands(string key, string[][]? fallback = null)
    {
        var values = _properties.Values(key);
        if (values.Length == 0) return fallback ?? [];
        var commands = new List<string[]>();
        foreach (var text in values)
            if (CommandWords.Split(Expand(text)) is { Length: > 0 } words) commands.Add(words);
            else Report(key, text, "a command, its quotes closed", 0);
        return [.. commands];
    }

    /// <summary><c>%i</c> is the instance, <c>%p</c> what stands before the @, <c>%n</c> all of the name, <c>%{x}</c> the parameter x.</summary>
    private string Expand(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal)) return text;
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }
            switch (text[++i])
            {
                case 'i': result.Append(UnitName.InstanceOf(_name)); break;
                case 'n': result.Append(_name); break;
                case 'p': result.Append(_name.AsSpan(0, _name.IndexOf('@') is var at && at >= 0 ? at : _name.Length)); break;
                case '%': result.Append('%'); break;
                case '{' when text.IndexOf('}', i) is var end && end > i:
                    var parameter = text[(i + 1)..end];
                    if (_properties.Value($"parameter.{parameter}") is { } value) result.Append(value);
                    else _report($"parameter.{parameter}", $"parameter {Suggestion.Quote(parameter)} has no value");
                    i = end;
                    break;
                default: result.Append('%').Append(text[i]); break;
            }
        }
        return result.ToString();
    }

    private T Report<T>(string key, string text, string expected, T fallback)
    {
        _report(key, $"{key} cannot be {Suggestion.Quote(text)}; expected {expected}");
        return fallback;
    }

    private T? Report<T>(string key, string text, string expected) where T : class
    {
        _report(key, $"{key} cannot be {Suggestion.Quote(text)}; expected {expected}");
        return null;
    }
}
