using System.Collections.Immutable;
using System.Text;

namespace Firn.Devices.Explaining;

/// <summary>A part of a rule of udev: <c>ENV{ID_MODEL}=="x*"</c>.</summary>
/// <param name="Attribute">What stands in braces; empty without.</param>
/// <param name="Operator"><c>==</c>, <c>!=</c>, <c>=</c>, <c>+=</c>, <c>-=</c> or <c>:=</c>.</param>
public sealed record UdevTerm(string Key, string Attribute, string Operator, string Value)
{
    public bool IsMatch => Operator is "==" or "!=";
}

/// <summary>A rule of udev; udev(7).</summary>
public sealed record UdevRuleLine(string File, int Line, ImmutableArray<UdevTerm> Terms)
{
    /// <summary>All rules of a directory's <c>*.rules</c>, in the order of their names. Lines that cannot be understood are told.</summary>
    public static List<UdevRuleLine> ReadDirectory(string directory, Action<string> report)
    {
        var rules = new List<UdevRuleLine>();
        if (!Directory.Exists(directory)) return rules;
        foreach (var file in Directory.GetFiles(directory, "*.rules").Order(StringComparer.Ordinal)) Parse(System.IO.File.ReadAllText(file), Path.GetFileName(file), rules, report);
        return rules;
    }

    public static void Parse(string text, string file, List<UdevRuleLine> rules, Action<string> report)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var first = i + 1;
            var line = new StringBuilder(lines[i].Trim());
            while (line.Length > 0 && line[^1] == '\\' && i + 1 < lines.Length)
            {
                line.Length--;
                line.Append(lines[++i].Trim());
            }
            var rule = line.ToString();
            if (rule.Length == 0 || rule[0] == '#') continue;
            if (ParseTerms(rule) is { } terms) rules.Add(new(file, first, terms));
            else report($"{file}:{first}: this rule cannot be understood, and is left out");
        }
    }

    private static ImmutableArray<UdevTerm>? ParseTerms(string rule)
    {
        var terms = ImmutableArray.CreateBuilder<UdevTerm>();
        for (var rest = rule.AsSpan(); !(rest = rest.TrimStart(", \t")).IsEmpty;)
        {
            var sign = rest.IndexOfAny("=!+-:");
            var quote = rest.IndexOf('"');
            if (sign <= 0 || quote < sign || rest[(quote + 1)..].IndexOf('"') is not (>= 0 and var length)) return null;
            var op = rest[sign..quote].Trim().ToString();
            if (op is not ("==" or "!=" or "=" or "+=" or "-=" or ":=")) return null;
            var key = rest[..sign].Trim();
            var brace = key.IndexOf('{');
            if (brace >= 0 && key[^1] != '}') return null;
            terms.Add(brace < 0
                ? new(key.ToString(), "", op, rest.Slice(quote + 1, length).ToString())
                : new(key[..brace].ToString(), key[(brace + 1)..^1].ToString(), op, rest.Slice(quote + 1, length).ToString()));
            rest = rest[(quote + length + 2)..];
        }
        return terms.ToImmutable();
    }
}
