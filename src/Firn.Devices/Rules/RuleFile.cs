using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Firn.Formats.Yaml;

namespace Firn.Devices.Rules;

/// <summary>Rules as a person writes them: YAML with a list under <c>udev</c>. The keys are described in <c>docs/reference/device.md</c>.</summary>
public sealed class RuleFile
{
    public const int MaximumBytes = 4 << 20;

    private static readonly string[] Keys =
        ["match", "service", "data", "user", "site", "instance", "settle", "stopDelay", "ignore", "symlink", "priority"];

    /// <summary>Who says nothing of it means serial ports: what a port is plugged into has the same serial number, and needs no service.</summary>
    private const string Subsystem = "SUBSYSTEM";

    private readonly string _file;
    private readonly List<RuleProblem> _problems;

    private RuleFile(string file, List<RuleProblem> problems) => (_file, _problems) = (file, problems);

    /// <summary>Reads files, and the <c>*.yaml</c> and <c>*.yml</c> of directories, in the order of their names.</summary>
    /// <param name="problems">Gets everything that is wrong.</param>
    public static List<DeviceRule> Read(IEnumerable<string> paths, List<RuleProblem> problems)
    {
        var rules = new List<DeviceRule>();
        foreach (var path in paths)
            if (Directory.Exists(path))
                foreach (var file in Directory.GetFiles(path).Order(StringComparer.Ordinal))
                {
                    if (IsNamedLikeOne(file)) ReadOne(file);
                }
            else ReadOne(path);
        return rules;

        void ReadOne(string file)
        {
            try
            {
                if (new FileInfo(file).Length > MaximumBytes) problems.Add(new(file, 0, $"longer than the {MaximumBytes} bytes that a file of rules may have"));
                else Read(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(file)), file, rules, problems);
            }
            catch (DecoderFallbackException)
            {
                problems.Add(new(file, 0, "this is not UTF-8 text"));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                problems.Add(new(file, 0, error is FileNotFoundException ? "no such file" : $"cannot be read: {error.Message}"));
            }
        }
    }

    /// <summary>In a directory of rules everything else is left alone.</summary>
    public static bool IsNamedLikeOne(string file) => Path.GetExtension(file) is ".yaml" or ".yml";

    public static void Read(string text, string file, List<DeviceRule> rules, List<RuleProblem> problems)
    {
        var reader = new RuleFile(file, problems);
        if (YamlDocument.Read(text, "file of rules", "udev", reader.Report) is not { } root) return;
        if (root is not YamlMapping { Entries: [var (key, list)] } || key.Text != "udev")
            reader.Report(root.Line, "a file of rules must be a single key, udev, with a list of rules");
        else if (list is YamlSequence items)
            foreach (var item in items.Items)
            {
                if (reader.Rule(item) is { } rule) rules.Add(rule);
            }
        else if (!list.IsNothing) reader.Report(list.Line, $"udev must be a list of rules, not {list.Kind}");
    }

    private DeviceRule? Rule(YamlNode node)
    {
        if (node is not YamlMapping mapping)
        {
            Report(node.Line, $"a rule must be keys with values, not {node.Kind}; expected {string.Join(", ", Keys)}");
            return null;
        }
        var values = new Dictionary<string, YamlNode>();
        foreach (var (key, value) in mapping.Entries)
            if (Keys.Contains(key.Text)) values[key.Text] = value;
            else if (Suggestion.For(key.Text, Keys) is { } meant) Report(key.Line, $"unknown key {Suggestion.Quote(key.Text)}; did you mean '{meant}'?");
            else Report(key.Line, $"unknown key {Suggestion.Quote(key.Text)}; expected {string.Join(", ", Keys)}");

        var isIgnored = Text("ignore", "true or false", text => text is "true" or "false" ? text : null) == "true";
        if (!values.ContainsKey("match")) Report(node.Line, "match is missing; expected properties with patterns, or a list of such");
        if (!isIgnored && !values.ContainsKey("service"))
            Report(node.Line, "service is missing; expected a name such as gpsd, or null where nothing is to be started");
        var service = values.TryGetValue("service", out var none) && none.IsNothing ? null
            : Text("service", "a name of letters, digits and .-_", text => text.All(c => char.IsAsciiLetterOrDigit(c) || ".-_".Contains(c, StringComparison.Ordinal)) ? text : null);
        if (isIgnored && service is not null) Report(node.Line, "ignore and service contradict each other; keep one of them");
        return new(_file, node.Line, values.TryGetValue("match", out var match) ? Matches(match) : [], isIgnored ? null : service)
        {
            Data = values.TryGetValue("data", out var data) ? Data(data) : ImmutableSortedDictionary<string, string>.Empty,
            User = Text("user", "the name of a user", text => text),
            Site = Text("site", "the name of a place", text => text),
            Instance = Text("instance", "a word, or @KEY for a property of the device", text => text is "" or "@" ? null : text),
            Settle = Time("settle"),
            StopDelay = Time("stopDelay"),
            Symlink = Text("symlink", "a name below /dev, or @KEY", text => SafeLink(text) ? text : null),
            Priority = int.Parse(Text("priority", "a whole number", text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? text : null) ?? "0", CultureInfo.InvariantCulture),
        };

        string? Text(string key, string expected, Func<string, string?> parse)
        {
            if (!values.TryGetValue(key, out var value)) return null;
            if (value is YamlScalar { IsNothing: false, Text.Length: > 0 } scalar && parse(scalar.Text) is { } right) return right;
            Report(value.Line, value is YamlScalar { IsNothing: false } wrong
                ? $"{key} cannot be {Suggestion.Quote(wrong.Text)}; expected {expected}"
                : value.IsNothing ? $"{key} has no value; expected {expected}" : $"{key} must be a single value, not {value.Kind}; expected {expected}");
            return null;
        }

        TimeSpan Time(string key)
        {
            var time = TimeSpan.Zero;
            Text(key, "a time from 0 to 1h such as 200ms, 2s or 1m", text => TryTime(text, out time) ? text : null);
            return time;
        }
    }

    private ImmutableArray<ImmutableArray<Condition>> Matches(YamlNode node)
    {
        if (node is YamlMapping one) return [Conditions(one)];
        if (node is not YamlSequence several || several.Items.Length == 0)
        {
            Report(node.Line, $"match must be properties with patterns, or a list of such, not {(node is YamlSequence ? "an empty list" : node.Kind)}");
            return [];
        }
        var matches = ImmutableArray.CreateBuilder<ImmutableArray<Condition>>();
        foreach (var item in several.Items)
            if (item is YamlMapping mapping) matches.Add(Conditions(mapping));
            else Report(item.Line, $"an item of match must be properties with patterns, not {item.Kind}");
        return matches.ToImmutable();
    }

    private ImmutableArray<Condition> Conditions(YamlMapping mapping)
    {
        if (mapping.Entries.Length == 0) Report(mapping.Line, "match is empty and would fit every device; name a property");
        var conditions = ImmutableArray.CreateBuilder<Condition>();
        foreach (var (key, value) in mapping.Entries)
            if (value.IsNothing) conditions.Add(new(KeyOf(key.Text), new ValuePattern.Absent()));
            else if (value is not YamlScalar scalar) Report(value.Line, $"{key.Text} must be a pattern, not {value.Kind}; alternatives are written 'a|b'");
            else
                try
                {
                    conditions.Add(new(KeyOf(key.Text), ValuePattern.Parse(scalar.Text)));
                }
                catch (FormatException error)
                {
                    Report(value.Line, $"{key.Text} is no regular expression: {error.Message}");
                }
        if (!conditions.Any(condition => condition.Key == Subsystem)) conditions.Add(new(Subsystem, ValuePattern.Parse("tty")));
        return conditions.ToImmutable();
    }

    /// <summary>Names of attributes that other handlers know are properties here.</summary>
    private static string KeyOf(string key) => key switch
    {
        "sys_name" => "SYSNAME",
        "sys_number" => "SYSNUM",
        "sys_path" or "device_path" => "DEVPATH",
        "device_node" => "DEVNAME",
        "device_type" => "DEVTYPE",
        "subsystem" => "SUBSYSTEM",
        "driver" => "DRIVER",
        _ => key,
    };

    private ImmutableSortedDictionary<string, string> Data(YamlNode node)
    {
        var data = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (node is not YamlMapping mapping)
        {
            Report(node.Line, $"data must be keys with values, not {node.Kind}");
            return data.ToImmutable();
        }
        foreach (var (key, value) in mapping.Entries)
        {
            var name = key.Text.ToUpperInvariant();
            if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
                Report(key.Line, $"data cannot have a key {Suggestion.Quote(key.Text)}; expected letters, digits and _, as variables have");
            else if (value is not YamlScalar scalar) Report(value.Line, $"{key.Text} must be a single value, not {value.Kind}");
            else data[name] = scalar.IsNothing ? "" : scalar.Text;
        }
        return data.ToImmutable();
    }

    private static bool SafeLink(string text) =>
        text[0] is not '/' && !text.Split('/').Any(part => part is "" or "." or "..") && !text.Any(char.IsControl);

    private static bool TryTime(string text, out TimeSpan time)
    {
        var digits = text.AsSpan().IndexOfAnyExcept("0123456789.");
        var (number, unit) = digits < 0 ? (text, "s") : (text[..digits], text[digits..]);
        time = default;
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) return false;
        var seconds = unit switch { "ms" => value / 1000, "s" => value, "m" => value * 60, "h" => value * 3600, _ => -1 };
        if (seconds is < 0 or > 3600) return false;
        time = TimeSpan.FromSeconds(seconds);
        return true;
    }

    private void Report(int line, string message) => _problems.Add(new(_file, line, message));
}
