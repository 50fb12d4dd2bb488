using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Firn.Formats.Yaml;

/// <summary>
/// The YAML of a file that a person wrote as nodes with lines. Anchors and aliases are refused (a few lines of them can
/// stand for billions of nodes, and our files need none), so are duplicate keys, several documents and senseless depth.
/// </summary>
public sealed class YamlDocument
{
    private const int MaximumDepth = 16;

    private readonly Parser _parser;
    private readonly string _kind;
    private readonly Action<int, string> _report;
    private Mark _last = Mark.Empty;

    private YamlDocument(string text, string kind, Action<int, string> report)
    {
        _parser = new(new StringReader(text));
        (_kind, _report) = (kind, report);
    }

    /// <summary>The one document of the text; null when there is none, or when its syntax is wrong.</summary>
    /// <param name="kind">For messages: what the file is, such as <c>recipe</c>.</param>
    /// <param name="needs">For messages: what it must have.</param>
    /// <param name="report">Hears of every problem and its line, 0 for the file as a whole.</param>
    public static YamlNode? Read(string text, string kind, string needs, Action<int, string> report)
    {
        try
        {
            return new YamlDocument(text, kind, report).ReadOnly(needs);
        }
        catch (YamlException error)
        {
            report(checked((int)error.Start.Line), $"this is not YAML: {LowerFirst(error.Message)}");
            return null;
        }
    }

    private YamlNode? ReadOnly(string needs)
    {
        Expect<StreamStart>();
        if (TakeIf<StreamEnd>())
        {
            _report(0, $"the {_kind} is empty; it needs at least {needs}");
            return null;
        }
        Expect<DocumentStart>();
        var root = ReadNode(0);
        Expect<DocumentEnd>();
        if (Peek() is DocumentStart second) _report(Line(second), $"a second YAML document begins here; a {_kind} is a single one");
        return root;
    }

    private YamlNode ReadNode(int depth)
    {
        var start = Take();
        if (depth > MaximumDepth) throw new YamlException(start.Start, start.End, $"Values are nested too deeply for a {_kind}.");
        if (start is NodeEvent { Anchor.IsEmpty: false }) _report(Line(start), "anchors are not supported; write the value out");
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
                _report(Line(start), "aliases are not supported; write the value out");
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
            if (key is not YamlScalar name)
                _report(key.Line, $"a key must be a word, not {key.Kind}");
            else if (lines.TryGetValue(name.Text, out var first))
                _report(name.Line, $"key {Suggestion.Quote(name.Text)} was already given on line {first}; keep one of them");
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
