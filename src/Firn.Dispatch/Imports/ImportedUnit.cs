using System.Text;
using Firn.Supervision.Units;

namespace Firn.Dispatch.Imports;

/// <summary>A unit made of another supervisor's service.</summary>
/// <param name="NotConverted">What it says that no key of ours says: for a person to look at.</param>
public sealed record ImportedUnit(string Name, UnitProperties Properties, IReadOnlyList<string> NotConverted)
{
    /// <summary>As a unit writes it: a percent sign of theirs is none of ours.</summary>
    public static string Literal(string value) => value.Replace("%", "%%", StringComparison.Ordinal);

    public string ToYaml()
    {
        var text = new StringBuilder();
        var groups = new HashSet<string>();
        for (var i = 0; i < Properties.Count; i++)
        {
            var key = Properties.KeyAt(i);
            if (i > 0 && Properties.Value(key) is not null && IndexOfFirst(key) < i) continue;    // its list is written already
            var dot = key.StartsWith("exec.", StringComparison.Ordinal) ? -1 : key.IndexOf('.');
            var name = key.StartsWith("exec.", StringComparison.Ordinal) ? key[5..] : key;
            if (dot > 0)
            {
                // all keys of a group together, wherever the service said them
                if (!groups.Add(key[..(dot + 1)])) continue;
                text.Append(key[..dot]).Append(":\n");
                for (var j = i; j < Properties.Count; j++)
                    if (Properties.KeyAt(j).StartsWith(key[..(dot + 1)], StringComparison.Ordinal))
                        text.Append("  ").Append(Quote(Properties.KeyAt(j)[(dot + 1)..])).Append(": ").Append(Quote(Properties.ValueAt(j))).Append('\n');
                continue;
            }
            var values = Properties.Values(key);
            if (UnitKey.Find(key) is { IsList: true })
            {
                text.Append(name).Append(":\n");
                foreach (var value in values) text.Append("  - ").Append(Quote(value)).Append('\n');
            }
            else text.Append(name).Append(": ").Append(Quote(values[^1])).Append('\n');
        }
        return text.ToString();
    }

    private int IndexOfFirst(string key)
    {
        for (var i = 0; i < Properties.Count; i++)
            if (Properties.KeyAt(i) == key) return i;
        return Properties.Count;
    }

    private static string Quote(string value)
    {
        var isPlain = value.Length > 0 && (char.IsAsciiLetterOrDigit(value[0]) || value[0] is '/' or '.') && !value.EndsWith(' ') && !value.EndsWith(':');
        foreach (var c in value) isPlain &= c is >= ' ' and <= '~' and not ('#' or '\'' or '"' or '{' or '}' or '[' or ']' or '&' or '*' or '!' or '|' or '>' or '%' or '`' or '@' or ',');
        return isPlain && !value.Contains(": ", StringComparison.Ordinal) ? value : $"\"{value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n").Replace("\t", "\\t")}\"";
    }
}
