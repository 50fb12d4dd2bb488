using System.Collections.Immutable;
using Firn.Formats.Yaml;

namespace Firn.Images.Recipes;

/// <summary>
/// The keys of one part of a recipe. What is asked for and wrong is noted as a problem, and a stand-in given back, so
/// that reading goes on to the next problem.
/// </summary>
internal sealed class RecipeSection
{
    private readonly Dictionary<string, YamlNode> _values = [];
    private readonly string _name;
    private readonly RecipeProblems _problems;

    /// <param name="node">Anything but keys with values is a problem.</param>
    /// <param name="name">For messages; empty for the recipe itself.</param>
    /// <param name="keys">All that may be there.</param>
    public RecipeSection(YamlNode node, string name, RecipeProblems problems, params ReadOnlySpan<string> keys)
    {
        (_name, _problems, Line) = (name, problems, node.Line);
        if (node is not YamlMapping mapping)
        {
            if (name.Length == 0 || !node.IsNothing)
                problems.Add(node.Line,
                    $"{(name.Length == 0 ? "a recipe" : name)} must be keys with values, not {node.Kind}; expected {string.Join(", ", keys!)}");
            return;
        }
        foreach (var (key, value) in mapping.Entries)
            if (keys.Contains(key.Text)) _values[key.Text] = value;
            else problems.Add(key.Line, UnknownKey(key.Text, [.. keys]));
    }

    public int Line { get; }

    public bool Has(string key) => _values.ContainsKey(key);
    public int LineOf(string key) => _values.TryGetValue(key, out var node) ? node.Line : Line;

    /// <summary>A part below this one; null when the key is absent.</summary>
    public YamlNode? Node(string key) => _values.GetValueOrDefault(key);

    public RecipeSection Section(string key, params ReadOnlySpan<string> keys) =>
        new(Node(key) ?? new YamlMapping(Line, []), NameOf(key), _problems, keys);

    /// <summary>The value of a key, or <paramref name="fallback"/> when it is absent.</summary>
    public T Value<T>(string key, ValueKind<T> kind, T fallback) =>
        Node(key) is { } node ? Parse(node, NameOf(key), kind, fallback) : fallback;

    /// <summary>The value of a key that must be there; <paramref name="standIn"/> after a problem.</summary>
    public T Required<T>(string key, ValueKind<T> kind, T standIn)
    {
        if (!Has(key)) _problems.Add(Line, $"{NameOf(key)} is missing; expected {kind.Expected}");
        return Value(key, kind, standIn);
    }

    public ImmutableArray<T> List<T>(string key, ValueKind<T> kind) where T : class =>
        [.. Items(key, kind.Expected).Select(item => Parse(item, NameOf(key), kind!, null)).OfType<T>()];

    /// <summary>The items of a list, empty when the key is absent.</summary>
    public ImmutableArray<YamlNode> Items(string key, string expected)
    {
        switch (Node(key))
        {
            case null: return [];
            case YamlSequence list: return list.Items;
            case { IsNothing: true }: return [];
            case var other:
                _problems.Add(other.Line, $"{NameOf(key)} must be a list, not {other.Kind}; expected [{expected}, …]");
                return [];
        }
    }

    private T Parse<T>(YamlNode node, string name, ValueKind<T> kind, T fallback)
    {
        if (!node.IsNothing && node is YamlScalar right && kind.TryParse(right.Text, out var value)) return value;
        var problem = node switch
        {
            { IsNothing: true } => "has no value",
            YamlScalar scalar => $"cannot be {Suggestion.Quote(scalar.Text)}",
            _ => $"must be a single value, not {node.Kind}",
        };
        _problems.Add(node.Line, $"{name} {problem}; expected {kind.Expected}");
        return fallback;
    }

    private string UnknownKey(string key, string[] known)
    {
        var where = _name.Length == 0 ? "" : $" in {_name}";
        return Suggestion.For(key, known) is { } meant
            ? $"unknown key {Suggestion.Quote(key)}{where}; did you mean '{meant}'?"
            : $"unknown key {Suggestion.Quote(key)}{where}; expected {string.Join(", ", known)}";
    }

    private string NameOf(string key) => _name.Length == 0 ? key : $"{_name}.{key}";
}
