namespace Firn.Dispatch.Imports;

/// <summary>
/// Sections of keys with values as supervisord reads them, by <c>configparser</c> of Python: comments begin with <c>;</c> or
/// <c>#</c> after a space, deeper lines continue a value, and a section may come in parts.
/// </summary>
internal static class SupervisordText
{
    /// <summary>In the order in which they begin; keys are in lower case, and the last of a name counts.</summary>
    public static List<(string Name, Dictionary<string, string> Values)> Read(string text)
    {
        var sections = new List<(string Name, Dictionary<string, string> Values)>();
        Dictionary<string, string>? section = null;
        var (key, indent) = ("", 0);
        foreach (var raw in text.Replace("\r\n", "\n").Split('\n'))
        {
            var line = WithoutComment(raw).TrimEnd();
            var value = line.TrimStart();
            if (value.Length == 0) continue;
            var depth = line.Length - value.Length;
            if (key.Length > 0 && depth > indent) section![key] += $"\n{value}";
            else if (value[0] == '[' && value.IndexOf(']') is > 0 and var end)
            {
                (key, indent) = ("", depth);
                var name = value[1..end];
                section = sections.Find(one => one.Name == name).Values;
                if (section is null) sections.Add((name, section = []));
            }
            else if (section is not null && value.IndexOfAny(['=', ':']) is > 0 and var split)
            {
                (key, indent) = (value[..split].TrimEnd().ToLowerInvariant(), depth);
                section[key] = value[(split + 1)..].TrimStart();
            }
        }
        return sections;
    }

    /// <summary>What a value means with its <c>%(name)s</c>, <c>%(name)02d</c> and <c>%%</c>; null if a name in it has no meaning here.</summary>
    public static string? Expand(string value, Func<string, string?> meaning)
    {
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '%')
            {
                text.Append(value[i]);
                continue;
            }
            if (++i < value.Length && value[i] == '%')
            {
                text.Append('%');
                continue;
            }
            var close = i < value.Length && value[i] == '(' ? value.IndexOf(')', i) : -1;
            var letter = close < 0 ? -1 : value.AsSpan(close + 1).IndexOfAnyExceptInRange('0', '9') is >= 0 and var digits ? close + 1 + digits : -1;
            if (letter < 0 || value[letter] is not ('s' or 'd' or 'i') || meaning(value[(i + 1)..close]) is not { } known) return null;
            var width = value[(close + 1)..letter];
            text.Append(width.Length is 0 or > 3 ? known : known.PadLeft(int.Parse(width, System.Globalization.CultureInfo.InvariantCulture), width[0] == '0' ? '0' : ' '));
            i = letter;
        }
        return text.ToString();
    }

    /// <summary>Words of a value by <c>shlex</c> of Python. A backslash within double quotes stays, unless a quote or another follows.</summary>
    /// <returns>Null when a quote is not closed.</returns>
    public static List<string>? Words(string text)
    {
        var words = new List<string>();
        System.Text.StringBuilder? word = null;
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && quote != '\'')
            {
                if (++i == text.Length) return null;
                if (quote == '"' && text[i] is not ('"' or '\\')) (word ??= new()).Append(c);
                (word ??= new()).Append(text[i]);
            }
            else if (quote != '\0' && c == quote) quote = '\0';
            else if (quote == '\0' && c is '\'' or '"') (quote, word) = (c, word ?? new());
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (word is not null) words.Add(word.ToString());
                word = null;
            }
            else (word ??= new()).Append(c);
        }
        if (quote != '\0') return null;
        if (word is not null) words.Add(word.ToString());
        return words;
    }

    /// <summary><c>KEY="value",KEY2=value2</c>; a comma within quotes belongs to its value.</summary>
    public static IEnumerable<(string Name, string Value)> Pairs(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var equals = text.IndexOf('=', i);
            if (equals < 0) yield break;
            var quote = '\0';
            var end = equals + 1;
            for (; end < text.Length && (quote != '\0' || text[end] != ','); end++)
                if (quote == '\0' && text[end] is '"' or '\'') quote = text[end];
                else if (text[end] == quote) quote = '\0';
            yield return (text[i..equals].Trim(), text[(equals + 1)..end].Trim().Trim('"', '\''));
            i = end;
        }
    }

    private static string WithoutComment(string line)
    {
        for (var i = 0; i < line.Length; i++)
            if (line[i] is ';' or '#' && (i == 0 || char.IsWhiteSpace(line[i - 1]))) return line[..i];
        return line;
    }
}
