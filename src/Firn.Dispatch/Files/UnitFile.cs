using System.Text;
using Firn.Formats.Yaml;

using Firn.Supervision.Units;

namespace Firn.Dispatch.Files;

/// <summary>
/// Units as a person writes them, in YAML: a file for each, named like it, or several in a file under <c>units</c>. The
/// keys are described in <c>docs/reference/pm.md</c>.
/// </summary>
public sealed class UnitFile
{
    /// <summary>No file of units that a person writes is longer.</summary>
    public const int MaximumBytes = 16 << 20;

    private readonly string _file;
    private readonly List<UnitProblem> _problems;
    private readonly Dictionary<string, int> _lines = [];

    private readonly UnitPlaces? _places;

    private UnitFile(string file, List<UnitProblem> problems, UnitPlaces? places) => (_file, _problems, _places) = (file, problems, places);

    /// <summary>Reads files, and the <c>*.yaml</c> and <c>*.yml</c> of directories.</summary>
    /// <param name="problems">Gets everything that is wrong.</param>
    /// <param name="places">Gets where each key stands, for problems that show only when all units are known.</param>
    public static SortedDictionary<string, UnitProperties> Read(IEnumerable<string> paths, List<UnitProblem> problems, UnitPlaces? places = null)
    {
        var units = new SortedDictionary<string, UnitProperties>(StringComparer.Ordinal);
        foreach (var file in FilesOf(paths)) ReadFile(file, units, problems, places);
        return units;
    }

    /// <summary>What is read of files and directories, in this order.</summary>
    public static IEnumerable<string> FilesOf(IEnumerable<string> paths)
    {
        foreach (var path in paths)
            if (Directory.Exists(path))
            {
                var files = Directory.GetFiles(path);
                Array.Sort(files, StringComparer.Ordinal);
                foreach (var file in files)
                    if (Path.GetExtension(file) is ".yaml" or ".yml") yield return file;
            }
            else yield return path;
    }

    private static void ReadFile(string path, SortedDictionary<string, UnitProperties> units, List<UnitProblem> problems, UnitPlaces? places)
    {
        try
        {
            if (new FileInfo(path).Length > MaximumBytes)
            {
                problems.Add(new(path, 0, $"longer than the {MaximumBytes} bytes that a file of units may have"));
                return;
            }
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path)).TrimStart('\ufeff');
            Read(text, path, Path.GetFileNameWithoutExtension(path), units, problems, places);
        }
        catch (DecoderFallbackException)
        {
            problems.Add(new(path, 0, "this is not UTF-8 text"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problems.Add(new(path, 0, $"cannot be read: {error.Message}"));
        }
    }

    /// <param name="file">For messages.</param>
    /// <param name="name">Of the unit, if the text is a single one.</param>
    public static void Read(
        string text, string file, string name, SortedDictionary<string, UnitProperties> units, List<UnitProblem> problems, UnitPlaces? places = null)
    {
        var reader = new UnitFile(file, problems, places);
        if (YamlDocument.Read(text, "file of units", "run", reader.Report) is not { } root) return;
        if (root is not YamlMapping mapping)
        {
            reader.Report(root.Line, $"a unit must be keys with values, not {root.Kind}");
            return;
        }
        if (mapping.Entries.Length == 1 && mapping.Entries[0].Key.Text == "units" && mapping.Entries[0].Value is YamlMapping several)
            foreach (var (key, value) in several.Entries) reader.Add(key.Text, key.Line, value, units);
        else reader.Add(name, 0, mapping, units);
    }

    private void Add(string name, int line, YamlNode node, SortedDictionary<string, UnitProperties> units)
    {
        if (!UnitName.IsValid(name)) Report(line, $"a unit cannot be called {Suggestion.Quote(name)}; expected {UnitName.Expected}");
        else if (units.ContainsKey(name)) Report(line, $"unit {name} was already given in another place; keep one of them");
        else if (node is not YamlMapping mapping) Report(node.Line, $"unit {name} must be keys with values, not {node.Kind}");
        else
        {
            _lines.Clear();
            var properties = new UnitProperties();
            Flatten("", mapping, properties);
            if (FireChain.IsOne(properties))
                foreach (var (part, its) in FireChain.Split(name, properties, (key, problem) => Report(LineOf(key, line), problem))) Add(part, its, line, units);
            else Add(name, properties, line, units);
        }
    }

    private void Add(string name, UnitProperties properties, int line, SortedDictionary<string, UnitProperties> units)
    {
        if (!units.TryAdd(name, properties)) Report(line, $"unit {name} was already given in another place; keep one of them");
        else
        {
            for (var i = 0; i < properties.Count; i++) _places?.Add(name, properties.KeyAt(i), _file, LineOf(properties.KeyAt(i), line));
            UnitParser.Parse(UnitName.IsTemplate(name) ? $"{name}i" : name, properties, (key, problem) => Report(LineOf(key, line), problem));
        }
    }

    private void Flatten(string prefix, YamlMapping mapping, UnitProperties properties)
    {
        foreach (var (name, node) in mapping.Entries)
        {
            var key = Key(prefix + name.Text);
            if (!_lines.TryAdd(key, name.Line)) Report(name.Line, $"{key} was already given on line {_lines[key]}");
            switch (node)
            {
                case YamlMapping below when UnitKey.Find($"{key}.x") is not null || key is "exec":
                    Flatten($"{key}.", below, properties);
                    break;
                case YamlSequence list when IsCommand(key):
                    properties.Add(key, CommandWords.Join(Words(list, key)));
                    break;
                case YamlSequence list when UnitKey.Find(key) is { IsList: true } or null:
                    foreach (var item in list.Items)
                        if (item is YamlSequence words) properties.Add(key, CommandWords.Join(Words(words, key)));
                        else if (item is YamlScalar { Text.Length: > 0 } text) properties.Add(key, text.Text);
                        else Report(item.Line, $"{key} has an item that is {item.Kind}, or empty");
                    break;
                case YamlScalar { IsNothing: false } scalar:
                    properties.Add(key, scalar.Text);
                    break;
                default:
                    Report(node.Line, node.IsNothing ? $"{key} has no value" : $"{key} cannot be {node.Kind}");
                    break;
            }
        }
    }

    private List<string> Words(YamlSequence list, string key)
    {
        var words = new List<string>();
        foreach (var item in list.Items)
            if (item is YamlScalar scalar) words.Add(scalar.Text);
            else Report(item.Line, $"{key} must be words, not {item.Kind}");
        return words;
    }

    private static bool IsCommand(string key) => key is "exec.run" or "fire.build" or "install.run" or "install.check" or "setup.run" or "setup.check";

    /// <summary>Commands may stand at the top as well as under <c>exec</c>.</summary>
    private static string Key(string key) =>
        key is "run" or "startPre" or "stop" or "stopPost" or "reload" or "restartPre" or "check" ? $"exec.{key}" : key;

    /// <summary>Of a key that is missing: where what it belongs to begins.</summary>
    private int LineOf(string key, int line) =>
        _lines.TryGetValue(key, out var found) || _lines.TryGetValue(Key(key), out found) || _lines.TryGetValue(key.Split('.')[0], out found) ? found : line;

    private void Report(int line, string message) => _problems.Add(new(_file, line, message));
}
