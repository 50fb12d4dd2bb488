using System.Collections.Immutable;
using System.Text;
using Firn.Formats.Yaml;
using Firn.Images.Recipes;
using Firn.Images.VirtualMachines;

namespace Firn.Images.Scenarios;

/// <summary>
/// Reads a scenario and reports everything that is wrong with it at once. No file that it names is looked for: a step
/// may make it. The keys are described in <c>docs/reference/scenario.md</c>.
/// </summary>
public sealed class ScenarioReader
{
    /// <summary>No scenario a person writes is longer; a longer file is something else.</summary>
    public const int MaximumBytes = 1 << 20;
    private static readonly TimeSpan DefaultTimeLimit = TimeSpan.FromMinutes(10);

    /// <summary>The host's name for the variable that holds the address of what is served.</summary>
    internal const string ServeVariable = "serve";

    private readonly RecipeProblems _problems;
    private readonly HashSet<string> _known = [];

    private readonly ImmutableHashSet<string> _given;

    private ScenarioReader(string file, IEnumerable<string> given)
    {
        _problems = new(file);
        _given = [.. given];
        _known.UnionWith(_given);
    }

    /// <summary>Reads a scenario. <paramref name="given"/> names the variables that get a value when it is run.</summary>
    /// <exception cref="RecipeException">The scenario is wrong, or no UTF-8 text of at most <see cref="MaximumBytes"/>.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Scenario Read(string path, params IEnumerable<string> given)
    {
        using var file = File.OpenRead(path);
        if (file.Length > MaximumBytes)
            throw new RecipeException(new RecipeProblem(path, 0, $"{file.Length} bytes are more than a scenario may have; expected at most {MaximumBytes}"));
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\ufeff');
            return Read(text, path, Path.GetDirectoryName(Path.GetFullPath(path))!, given);
        }
        catch (DecoderFallbackException)
        {
            throw new RecipeException(new RecipeProblem(path, 0, "this is not UTF-8 text; save the scenario as UTF-8"));
        }
    }

    /// <summary>
    /// Reads a scenario's text. <paramref name="file"/> is its name in messages, <paramref name="directory"/> where
    /// its relative paths begin.
    /// </summary>
    /// <exception cref="RecipeException">The scenario is wrong.</exception>
    public static Scenario Read(string text, string file, string directory, IEnumerable<string> given)
    {
        var reader = new ScenarioReader(file, given);
        if (string.IsNullOrWhiteSpace(text)) throw new RecipeException(new RecipeProblem(file, 0, "the scenario is empty; it needs at least name and steps"));
        var scenario = YamlDocument.Read(text, "recipe", "name, version and source", reader._problems.Add) is { } root ? reader.ReadScenario(root, file, directory) : null;
        return reader._problems.IsEmpty ? scenario! : throw reader._problems.ToException();
    }

    private Scenario ReadScenario(YamlNode root, string file, string directory)
    {
        var scenario = new RecipeSection(root, "", _problems, "name", "machine", "time-limit", "variables", "steps");
        var variables = ReadVariables(scenario.Node("variables"));
        var machine = ReadMachine(scenario.Section("machine",
            "firmware", "memory", "cpus", "watchdog", "drives", "usb", "serve", "disk-size", "forward"));
        if (machine.Serve is not null) _known.Add(ServeVariable);
        return new(
            scenario.Required("name", ScenarioValues.Line, ""), file, directory, machine,
            scenario.Value("time-limit", ScenarioValues.Time, DefaultTimeLimit), variables, ReadSteps(scenario));
    }

    private ImmutableSortedDictionary<string, string?> ReadVariables(YamlNode? node)
    {
        var variables = ImmutableSortedDictionary.CreateBuilder<string, string?>(StringComparer.Ordinal);
        if (node is not null and not YamlMapping && !node.IsNothing)
            _problems.Add(node.Line, $"variables must be keys with values, not {node.Kind}");
        foreach (var (name, value) in (node as YamlMapping)?.Entries ?? [])
        {
            if (!CheckName(name)) continue;
            if (value is YamlScalar scalar) variables[name.Text] = scalar.IsNothing ? null : scalar.Text;
            else _problems.Add(value.Line, $"variables.{name.Text} must be a single value, not {value.Kind}");
            if (value.IsNothing && !_given.Contains(name.Text))
                _problems.Add(value.Line, $"the variable '{name.Text}' has no value; give it one here or with --set {name.Text}=…");
            _known.Add(name.Text);
        }
        return variables.ToImmutable();
    }

    private ScenarioMachine ReadMachine(RecipeSection machine)
    {
        var standard = new ScenarioMachine();
        string[] drives = [.. machine.List("drives", ScenarioValues.Text)], usb = [.. machine.List("usb", ScenarioValues.Text)];
        var serve = machine.Has("serve") ? machine.Value("serve", ScenarioValues.Text, "") : null;
        foreach (var path in drives) CheckReferences(machine.LineOf("drives"), path);
        foreach (var path in usb) CheckReferences(machine.LineOf("usb"), path);
        if (serve is not null) CheckReferences(machine.LineOf("serve"), serve);
        return new()
        {
            Firmware = machine.Value("firmware", ScenarioValues.Firmware, standard.Firmware),
            MemoryBytes = machine.Value("memory", ScenarioValues.Memory, standard.MemoryBytes),
            Cpus = machine.Value("cpus", ScenarioValues.Cpus, standard.Cpus),
            Watchdog = machine.Value("watchdog", ScenarioValues.Watchdog, standard.Watchdog),
            DiskSizeBytes = machine.Value("disk-size", ScenarioValues.DiskSize, null),
            Drives = [.. drives],
            UsbDrives = [.. usb],
            Serve = serve,
            Forwards = [.. ReadForwards(machine)],
        };
    }

    private IEnumerable<PortForward> ReadForwards(RecipeSection machine)
    {
        foreach (var item in machine.Items("forward", ScenarioValues.Forward.Expected))
            if (Scalar(item, "machine.forward", ScenarioValues.Forward, null) is { } forward) yield return forward;
    }

    private ImmutableArray<ScenarioStep> ReadSteps(RecipeSection scenario)
    {
        if (!scenario.Has("steps")) _problems.Add(0, "steps is missing; expected a list such as [start, wait: \"login:\"]");
        var steps = scenario.Items("steps", "a step").Select(ReadStep).OfType<ScenarioStep>().ToList();
        var first = steps.FindIndex(step => step.NeedsMachine || step is ScenarioStep.Start);
        if (first >= 0 && steps[first] is not ScenarioStep.Start) steps.Insert(first, new ScenarioStep.Start(steps[first].Line));
        return [.. steps];
    }

    private ScenarioStep? ReadStep(YamlNode node) => node switch
    {
        YamlScalar word => ReadWord(word),
        YamlMapping { Entries: [var (key, value), ..] } mapping => ReadAction(key, value, mapping),
        _ => Problem(node.Line, $"a step must be a word such as start, or a key with a value such as run: COMMAND, not {node.Kind}"),
    };

    private ScenarioStep? ReadWord(YamlScalar word) => word.Text switch
    {
        "start" => new ScenarioStep.Start(word.Line),
        "cut-power" => new ScenarioStep.CutPower(word.Line, null, TimeSpan.Zero, null),
        "reset" => new ScenarioStep.Reset(word.Line),
        "power-button" => new ScenarioStep.PowerButton(word.Line),
        "wait-exit" => new ScenarioStep.WaitExit(word.Line, null),
        _ when ActionNames.Contains(word.Text) => Problem(word.Line, $"{word.Text} has no value; write '{word.Text}: …'"),
        _ => UnknownStep(word),
    };

    private static readonly string[] ActionNames =
    [
        "start", "wait", "login", "run", "send", "usb-attach", "usb-detach", "cut-power", "reset", "power-button",
        "wait-exit", "sleep", "note", "host",
    ];

    private ScenarioStep? UnknownStep(YamlScalar name) => Problem(name.Line, Suggestion.For(name.Text, ActionNames) is { } meant
        ? $"unknown step '{name.Text}'; did you mean '{meant}'?"
        : $"unknown step '{name.Text}'; expected {string.Join(", ", ActionNames)}");

    private ScenarioStep? ReadAction(YamlScalar action, YamlNode value, YamlMapping step)
    {
        var line = action.Line;
        switch (action.Text)
        {
            case "wait":
                var wait = Options(step, value, "wait", "for", "within", "not");
                return new ScenarioStep.Wait(line, Pattern(wait, value is YamlMapping ? "for" : "wait"),
                    OptionalPattern(wait, "not"), Within(wait));
            case "login":
                var login = Options(step, value, "login", "user", "password", "within");
                return new ScenarioStep.Login(line, Text(login, value is YamlMapping ? "user" : "login"),
                    login.Has("password") ? Text(login, "password", ScenarioValues.AnyText) : null, Within(login));
            case "run" or "host":
                return ReadRun(line, action.Text, new(step, "step", _problems, action.Text, "expect", "expect-not", "exit", "within", "save"));
            case "cut-power":
                var cut = Options(step, value, "cut-power", "after", "when", "within");
                return new ScenarioStep.CutPower(line, OptionalPattern(cut, "when"), cut.Value("after", ScenarioValues.Time, TimeSpan.Zero), Within(cut));
            case "wait-exit":
                return new ScenarioStep.WaitExit(line, Within(Options(step, value, "wait-exit", "within")));
            case "sleep":
                return new ScenarioStep.Sleep(line, Single(step, "sleep").Value("sleep", ScenarioValues.Time, TimeSpan.Zero));
            case "send":
                return new ScenarioStep.Send(line, Text(Single(step, "send"), "send", ScenarioValues.Line));
            case "note":
                return new ScenarioStep.Note(line, Text(Single(step, "note"), "note"));
            case "usb-attach":
                return new ScenarioStep.UsbAttach(line, Text(Single(step, "usb-attach"), "usb-attach"));
            case "usb-detach":
                return new ScenarioStep.UsbDetach(line, Text(Single(step, "usb-detach"), "usb-detach"));
            case "start" or "reset" or "power-button" when value.IsNothing && step.Entries.Length == 1:
                return ReadWord(action);
            case "start" or "reset" or "power-button":
                return Problem(line, $"{action.Text} takes no value; write '- {action.Text}'");
            default:
                return UnknownStep(action);
        }
    }

    private ScenarioStep.Run ReadRun(int line, string action, RecipeSection run)
    {
        var step = new ScenarioStep.Run(line, Text(run, action), action == "host")
        {
            ExitCode = run.Value("exit", ScenarioValues.ExitCode, 0),
            Expect = Patterns(run, "expect"),
            ExpectNot = Patterns(run, "expect-not"),
            Within = Within(run),
            Save = ReadSaved(run.Node("save")),
        };
        _known.UnionWith(step.Save.Keys);    // known from here on, not before
        return step;
    }

    private ImmutableSortedDictionary<string, string> ReadSaved(YamlNode? node)
    {
        var saved = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (node is not null and not YamlMapping)
            _problems.Add(node.Line, $"save must be names with patterns, not {node.Kind}; expected {{ version: 'version (\\S+)' }}");
        foreach (var (name, value) in (node as YamlMapping)?.Entries ?? [])
            if (CheckName(name))
            {
                saved[name.Text] = Scalar(value, $"save.{name.Text}", ScenarioValues.Pattern, "");
                CheckReferences(value.Line, saved[name.Text]);
            }
        return saved.ToImmutable();
    }

    /// <summary>The options of a step that may stand beside the action or below it; not in both places.</summary>
    private RecipeSection Options(YamlMapping step, YamlNode value, string action, params string[] keys)
    {
        if (value is not YamlMapping) return new(step, "step", _problems, [action, .. keys.Where(key => key is not ("for" or "user"))]);
        foreach (var (key, _) in step.Entries.Skip(1)) _problems.Add(key.Line, $"'{key.Text}' must stand with the other options, below '{action}'");
        return new(value, action, _problems, keys);
    }

    private RecipeSection Single(YamlMapping step, string action) => new(step, "step", _problems, action);

    private string Text(RecipeSection section, string key, ValueKind<string>? kind = null)
    {
        var text = section.Required(key, kind ?? ScenarioValues.Text, "");
        CheckReferences(section.LineOf(key), text);
        return text;
    }

    private string Pattern(RecipeSection section, string key) => Text(section, key, ScenarioValues.Pattern);

    private string? OptionalPattern(RecipeSection section, string key) => section.Has(key) ? Pattern(section, key) : null;

    private static TimeSpan? Within(RecipeSection section) => section.Value("within", ScenarioValues.OptionalTime, null);

    /// <summary>One pattern or a list of them.</summary>
    private ImmutableArray<string> Patterns(RecipeSection section, string key)
    {
        var patterns = section.Node(key) is YamlSequence list
            ? [.. list.Items.Select(item => Scalar(item, key, ScenarioValues.Pattern, ""))]
            : section.Has(key) ? (string[])[section.Value(key, ScenarioValues.Pattern, "")] : [];
        foreach (var pattern in patterns) CheckReferences(section.LineOf(key), pattern);
        return [.. patterns];
    }

    private T Scalar<T>(YamlNode node, string name, ValueKind<T> kind, T standIn)
    {
        if (node is YamlScalar scalar && kind.TryParse(scalar.Text, out var value)) return value;
        _problems.Add(node.Line, $"{name} cannot be {(node is YamlScalar wrong ? $"'{wrong.Text}'" : node.Kind)}; expected {kind.Expected}");
        return standIn;
    }

    private bool CheckName(YamlScalar name)
    {
        if (name.Text == ServeVariable) _problems.Add(name.Line, $"the variable '{ServeVariable}' is set by machine.serve; choose another name");
        else if (!ScenarioVariables.IsName(name.Text)) _problems.Add(name.Line, $"a variable cannot be called '{name.Text}'; expected letters, digits and _");
        else return true;
        return false;
    }

    private void CheckReferences(int line, string text)
    {
        foreach (var name in ScenarioVariables.ReferencesIn(text).Where(name => !_known.Contains(name)).Distinct())
            _problems.Add(line, name == ServeVariable
                ? "${serve} needs a directory to serve; give machine.serve"
                : $"unknown variable '{name}'"
                  + (Suggestion.For(name, _known) is { } meant ? $"; did you mean '{meant}'?" : $"; add it to variables, give it with --set {name}=…, or write $${{{name}}} to leave it to the shell"));
    }

    private ScenarioStep? Problem(int line, string message)
    {
        _problems.Add(line, message);
        return null;
    }
}
