using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Firn.Images.Recipes;

/// <summary>
/// The YAML of a recipe as nodes with lines. Anchors and aliases are refused (a few lines of them can stand for
/// billions of nodes, and a recipe needs none), so are duplicate keys, several documents and senseless depth.
/// </summary>
internal sealed class YamlDocument
{
    private const int MaximumDepth = 16;

    private readonly Parser _parser;
    private readonly RecipeProblems _problems;
    private Mark _last = Mark.Empty;

    private YamlDocument(string text, RecipeProblems problems)
    {
        _parser = new(new StringReader(text));
        _problems = problems;
    }

    /// <summary>The one document of the text; null when there is none, or when its syntax is wrong.</summary>
    public static YamlNode? Read(string text, RecipeProblems problems)
    {
        try
        {
            return new YamlDocument(text, problems).ReadOnly();
        }
        catch (YamlException error)
        {
            problems.Add(checked((int)error.Start.Line), $"this is not YAML: {LowerFirst(error.Message)}");
            return null;
        }
    }

    private YamlNode? ReadOnly()
    {
        Expect<StreamStart>();
        if (TakeIf<StreamEnd>())
        {
            _problems.Add(0, "the recipe is empty; it needs at least name, version and source");
            return null;
        }
        Expect<DocumentStart>();
        var root = ReadNode(0);
        Expect<DocumentEnd>();
        if (Peek() is DocumentStart second) _problems.Add(Line(second), "a second YAML document begins here; a recipe is a single one");
        return root;
    }

    private YamlNode ReadNode(int depth)
    {
        var start = Take();
        if (depth > MaximumDepth) throw new YamlException(start.Start, start.End, "Values are nested too deeply for a recipe.");
        if (start is NodeEvent { Anchor.IsEmpty: false }) _problems.Add(Line(start), "anchors are not supported; write the value out");
        switch (start)
        {
            case Scalar scalar:
                return new YamlScalar(Line(start), scalar.Value, scalar.Style == ScalarStyle.Plain);
            case SequenceStart:
                var items = ImmutableArray.CreateBuilder<YamlNode>();
                while (!TakeIf<SequenceEnd>()) items.Add(ReadNode(depth + 1));
                return new YamlSequence(Line(start), items.DrainToImmutable());
            case MappingStart:
                return ReadMapping(Line(start), depth);
            default:
                _problems.Add(Line(start), "aliases are not supported; write the value out");
                return new YamlScalar(Line(start), "", IsPlain: false);
        }
    }

    private YamlMapping ReadMapping(int line, int depth)
    {
        var entries = ImmutableArray.CreateBuilder<(YamlScalar, YamlNode)>();
        var lines = new Dictionary<string, int>();
        while (!TakeIf<MappingEnd>())
        {
            var key = ReadNode(depth + 1);
            var value = ReadNode(depth + 1);
            if (key is not YamlScalar name) _problems.Add(key.Line, $"a key must be a word, not {key.Kind}");
            else if (lines.TryGetValue(name.Text, out var first)) _problems.Add(name.Line, $"key '{name.Text}' was already given on line {first}; keep one of them");
            else
            {
                lines[name.Text] = name.Line;
                entries.Add((name, value));
            }
        }
        return new(line, entries.DrainToImmutable());
    }

    private ParsingEvent Peek() => _parser.Current
        ?? (MoveNext() ? _parser.Current! : throw new YamlException(_last, _last, "The text ends too early."));

    private ParsingEvent Take()
    {
        var current = Peek();
        _last = current.End;
        MoveNext();
        return current;
    }

    private bool MoveNext()
    {
        try
        {
            return _parser.MoveNext();
        }
        catch (Exception error) when (error is not YamlException)    // the parser answers some texts by tripping over itself
        {
            throw new YamlException(_last, _last, "The text cannot be understood from here on.", error);
        }
    }

    private bool TakeIf<T>() where T : ParsingEvent
    {
        if (Peek() is not T) return false;
        Take();
        return true;
    }

    private void Expect<T>() where T : ParsingEvent
    {
        if (!TakeIf<T>()) throw new YamlException(Peek().Start, Peek().End, "This was not expected here.");
    }

    private static int Line(ParsingEvent parsed) => checked((int)parsed.Start.Line);

    private static string LowerFirst(string message) => message.Length > 0 ? char.ToLowerInvariant(message[0]) + message[1..] : message;
}
