using System.Globalization;
using System.Text;

namespace Firn.Swu.Descriptions;

/// <summary>
/// Reads the grammar of libconfig (its manual, "Configuration File Grammar"), and JSON (RFC 8259), which SWUpdate takes as well:
/// what begins with a brace is JSON. Left out: <c>@include</c>, numbers with a fraction, null, and of libconfig's numbers the binary
/// and octal ones. A name that comes twice in a group is refused, as libconfig does.
/// </summary>
internal sealed class DescriptionReader
{
    public const int MaximumBytes = 1 << 20;
    private const int MaximumDepth = 32;

    private readonly string _text;
    private readonly bool _isJson;
    private int _at;

    private DescriptionReader(string text) => (_text, _isJson) = (text, text.AsSpan().TrimStart().StartsWith('{'));

    /// <returns>The group of all settings.</returns>
    /// <exception cref="InvalidDataException">Not a description.</exception>
    public static Setting Read(ReadOnlySpan<byte> description)
    {
        if (description.Length > MaximumBytes) throw new InvalidDataException($"sw-description: {description.Length} bytes, at most {MaximumBytes} are taken");
        try
        {
            return new DescriptionReader(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(description)).ReadAll();
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException("sw-description: is not UTF-8");
        }
    }

    private Setting ReadAll()
    {
        SkipBlanks();
        var all = _isJson ? ReadValue(0) : new Setting { Members = ReadMembers('\0', 0) };
        SkipBlanks();
        return _at == _text.Length ? all : throw Bad("expected its end");
    }

    private char Next => _at < _text.Length ? _text[_at] : '\0';

    private bool Take(char wanted)
    {
        if (_at == _text.Length || _text[_at] != wanted) return false;
        _at++;
        return true;
    }

    private bool IsAtEnd(char close) => close == '\0' ? _at == _text.Length : Take(close);

    private OrderedDictionary<string, Setting> ReadMembers(char close, int depth)
    {
        var members = new OrderedDictionary<string, Setting>(StringComparer.Ordinal);
        SkipBlanks();
        while (!IsAtEnd(close))
        {
            var name = _isJson ? ReadText() : ReadName();
            SkipBlanks();
            if (!Take(':') && (_isJson || !Take('='))) throw Bad(_isJson ? "expected ':'" : "expected '=' or ':'");
            SkipBlanks();
            if (!members.TryAdd(name, ReadValue(depth))) throw Bad($"'{name}' stands here twice");
            SkipBlanks();
            if (_isJson ? Take(',') : Take(';') || Take(','))
            {
                SkipBlanks();
                if (_isJson && Next == close) throw Bad("expected a name");
            }
            else if (_isJson && Next != close) throw Bad("expected ',' or '}'");
        }
        return members;
    }

    private Setting ReadValue(int depth)
    {
        if (depth > MaximumDepth) throw Bad($"nested more than {MaximumDepth} times");
        switch (Next)
        {
            case '{':
                _at++;
                return new() { Members = ReadMembers('}', depth + 1) };
            case '[' or '(' when Next == '[' || !_isJson:
                return new() { Items = ReadItems(_text[_at++] == '[' ? ']' : ')', depth + 1) };
            case '"':
                return new() { Text = ReadText() };
            default:
                return ReadScalar();
        }
    }

    private List<Setting> ReadItems(char close, int depth)
    {
        var items = new List<Setting>();
        SkipBlanks();
        if (Take(close)) return items;
        while (true)
        {
            items.Add(ReadValue(depth));
            if (!_isJson && close == ']' && (items[^1].Items is not null || items[^1].Members is not null))
                throw Bad("an array has plain values only");
            SkipBlanks();
            if (Take(close)) return items;
            if (!Take(',')) throw Bad($"expected ',' or '{close}'");
            SkipBlanks();
        }
    }

    private Setting ReadScalar()
    {
        var start = _at;
        while (char.IsAsciiLetterOrDigit(Next) || Next is '-' or '+' or '.') _at++;
        var word = _text[start.._at];
        if (word.Equals("true", Case)) return new() { Boolean = true };
        if (word.Equals("false", Case)) return new() { Boolean = false };
        if (ParseNumber(word) is { } number) return new() { Number = number };
        _at = start;
        throw Bad(word.Length == 0 ? "expected a value" : $"'{word}' is not a value that is understood");
    }

    private StringComparison Case => _isJson ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

    private long? ParseNumber(string word)
    {
        if (!_isJson && word.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return ulong.TryParse(word.AsSpan(2).TrimEnd('L'), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits) && bits <= long.MaxValue ? (long)bits : null;
        return long.TryParse(_isJson ? word : word.AsSpan().TrimEnd('L'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private string ReadName()
    {
        var start = _at;
        if (!char.IsAsciiLetter(Next) && Next != '*') throw Bad("expected a name");
        while (char.IsAsciiLetterOrDigit(Next) || Next is '-' or '_' or '*') _at++;
        return _text[start.._at];
    }

    /// <summary>Texts that stand beside each other are one in libconfig.</summary>
    private string ReadText()
    {
        var text = new StringBuilder();
        do
        {
            if (!Take('"')) throw Bad("expected a text in quotes");
            while (!Take('"'))
            {
                if (_at == _text.Length || _isJson && Next < ' ') throw Bad("expected the end of a text");
                if (Next == '\0') throw Bad("a zero stands in a text");
                text.Append(Take('\\') ? ReadEscaped() : _text[_at++]);
            }
            if (!_isJson) SkipBlanks();
        }
        while (!_isJson && Next == '"');
        return text.ToString();
    }

    private char ReadEscaped()
    {
        var escaped = Next;
        _at++;
        return escaped switch
        {
            '"' or '\\' => escaped,
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\f',
            '/' or 'b' when _isJson => escaped == 'b' ? '\b' : '/',
            'u' when _isJson => (char)ReadHexadecimal(4),
            'x' when !_isJson => (char)ReadHexadecimal(2),
            _ => throw Bad("expected another letter behind '\\'"),
        };
    }

    private int ReadHexadecimal(int digits)
    {
        if (_at + digits > _text.Length || !int.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || code == 0)
            throw Bad($"expected {digits} hexadecimal digits that are not zero");
        _at += digits;
        return code;
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length)
        {
            if (Next is ' ' or '\t' or '\n' or '\r' or '\f') _at++;
            else if (!_isJson && (Next == '#' || Follows("//"))) _at = _text.IndexOf('\n', _at) is >= 0 and var end ? end : _text.Length;
            else if (!_isJson && Follows("/*")) _at = _text.IndexOf("*/", _at + 2, StringComparison.Ordinal) is >= 0 and var end ? end + 2 : throw Bad("expected the end of a comment");
            else return;
        }
    }

    private bool Follows(string text) => _text.AsSpan(_at).StartsWith(text);

    private InvalidDataException Bad(string problem)
    {
        var before = _text.AsSpan(0, Math.Min(_at, _text.Length));
        return new($"sw-description:{before.Count('\n') + 1}: {problem}");
    }
}
