using System.Text;

namespace Firn.Supervision.Units;

/// <summary>A command as words. Quotes and backslashes are understood as a shell does; nothing is substituted.</summary>
public static class CommandWords
{
    /// <returns>Null when a quote is not closed.</returns>
    public static string[]? Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (isWord, quote) = (false, '\0');
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && quote != '\'' && i + 1 < text.Length)
            {
                i++;
                if (quote == '"' && text[i] is not ('"' or '\\' or '$' or '`')) word.Append(c);    // there it is a letter before all others
                word.Append(text[i]);
                isWord = true;
            }
            else if (quote != '\0')
            {
                if (c == quote) quote = '\0';
                else word.Append(c);
            }
            else if (c is '\'' or '"') (quote, isWord) = (c, true);
            else if (char.IsWhiteSpace(c))
            {
                if (isWord) words.Add(word.ToString());
                word.Clear();
                isWord = false;
            }
            else
            {
                word.Append(c);
                isWord = true;
            }
        }
        if (quote != '\0') return null;
        if (isWord) words.Add(word.ToString());
        return [.. words];
    }

    /// <summary>What <see cref="Split"/> makes the same words of.</summary>
    public static string Join(IEnumerable<string> words)
    {
        var text = new StringBuilder();
        foreach (var word in words)
        {
            if (text.Length > 0) text.Append(' ');
            if (word.Length > 0 && word.AsSpan().IndexOfAny(" \t\r\n'\"\\") < 0) text.Append(word);
            else text.Append('\'').Append(word.Replace("'", "'\\''", StringComparison.Ordinal)).Append('\'');
        }
        return text.ToString();
    }
}
