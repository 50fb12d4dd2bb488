using System.Collections.Immutable;
using Firn.Devices.Rules;

namespace Firn.Devices.Explaining;

/// <summary>
/// What rules of udev make of a device's properties. Known are ACTION, KERNEL(S), SUBSYSTEM(S), DRIVER(S), ENV, ATTR(S), TAG, GOTO and
/// LABEL; a rule that asks for more (PROGRAM, TEST, RESULT …) is left out and told. No program is run.
/// </summary>
public static class UdevEvaluation
{
    private static readonly string[] OfParents = ["KERNELS", "SUBSYSTEMS", "DRIVERS", "ATTRS"];
    private static readonly string[] OfDevice = ["ACTION", "KERNEL", "SUBSYSTEM", "DRIVER", "ENV", "ATTR", "DEVPATH", "NAME", "TAG", "SYMLINK"];

    /// <param name="report">Hears what was left out.</param>
    public static ImmutableSortedDictionary<string, string> Run(
        IReadOnlyList<UdevRuleLine> rules, ImmutableSortedDictionary<string, string> device, IReadOnlyList<ChainLink> chain, Action<string> report)
    {
        var properties = device.ToBuilder();
        for (var i = 0; i < rules.Count; i++)
        {
            var terms = rules[i].Terms;
            var unknown = terms.FirstOrDefault(term => term.IsMatch && !OfParents.Contains(term.Key) && !OfDevice.Contains(term.Key));
            if (unknown is not null)
            {
                report($"{rules[i].File}:{rules[i].Line}: {unknown.Key} is not known here; the rule is left out");
                continue;
            }
            if (!Fits(terms, properties, chain)) continue;
            foreach (var term in terms)
                if (term is { Key: "ENV", Operator: "=" or ":=" }) properties[term.Attribute] = Expand(term.Value, properties, chain);
                else if (term is { Key: "ENV", Operator: "+=" })
                    properties[term.Attribute] = $"{properties.GetValueOrDefault(term.Attribute)} {Expand(term.Value, properties, chain)}".TrimStart();
            if (terms.FirstOrDefault(term => term is { Key: "GOTO", Operator: "=" }) is { } jump)
            {
                var label = Enumerable.Range(i + 1, rules.Count - i - 1).FirstOrDefault(line => rules[line].File == rules[i].File
                    && rules[line].Terms.Any(term => term.Key == "LABEL" && term.Value == jump.Value), -1);
                if (label < 0) report($"{rules[i].File}:{rules[i].Line}: there is no label {jump.Value} below");
                else i = label - 1;    // a label may have assignments of its own
            }
        }
        return properties.ToImmutable();
    }

    private static bool Fits(
        ImmutableArray<UdevTerm> terms, ImmutableSortedDictionary<string, string>.Builder properties, IReadOnlyList<ChainLink> chain)
    {
        foreach (var term in terms)
            if (term.IsMatch && OfDevice.Contains(term.Key) && !Fits(term, Value(term))) return false;
        // all that is asked of parents must be true of the same one
        var ofParents = terms.Where(term => term.IsMatch && OfParents.Contains(term.Key)).ToArray();
        return ofParents.Length == 0 || chain.Any(link => ofParents.All(term => Fits(term, ValueOf(term, link))));

        string? Value(UdevTerm term) => term.Key switch
        {
            "ENV" => properties.GetValueOrDefault(term.Attribute, ""),    // as udev: absent is empty
            "KERNEL" => properties.GetValueOrDefault("SYSNAME", ""),
            "ATTR" => chain.Count > 0 ? chain[0].Attribute(term.Attribute) : null,
            "TAG" or "SYMLINK" or "NAME" => "",
            _ => properties.GetValueOrDefault(term.Key, ""),
        };
    }

    private static string? ValueOf(UdevTerm term, ChainLink link) => term.Key switch
    {
        "KERNELS" => link.Kernel,
        "SUBSYSTEMS" => link.Subsystem ?? "",
        "DRIVERS" => link.Driver ?? "",
        _ => link.Attribute(term.Attribute),
    };

    private static bool Fits(UdevTerm term, string? value)
    {
        var isSo = value is not null && term.Value.Split('|').Any(glob => Glob.Matches(glob, value));
        return isSo == (term.Operator == "==");
    }

    private static string Expand(string text, ImmutableSortedDictionary<string, string>.Builder properties, IReadOnlyList<ChainLink> chain)
    {
        if (!text.AsSpan().ContainsAny('$', '%')) return text;
        var expanded = text.Replace("$kernel", "%k").Replace("$number", "%n").Replace("$devnode", "%N")
            .Replace("%k", properties.GetValueOrDefault("SYSNAME")).Replace("%n", properties.GetValueOrDefault("SYSNUM"))
            .Replace("%N", properties.GetValueOrDefault("DEVNAME"));
        expanded = Replace(expanded, ["$env{", "%E{"], name => properties.GetValueOrDefault(name));
        return Replace(expanded, ["$attr{", "%s{"], name => chain.Select(link => link.Attribute(name)).FirstOrDefault(value => value is not null));
    }

    private static string Replace(string text, string[] openings, Func<string, string?> value)
    {
        foreach (var opening in openings)
            for (var at = text.IndexOf(opening, StringComparison.Ordinal); at >= 0;)
            {
                var end = text.IndexOf('}', at);
                if (end < 0) break;
                var found = value(text[(at + opening.Length)..end]) ?? "";
                text = text[..at] + found + text[(end + 1)..];
                at = text.IndexOf(opening, at + found.Length, StringComparison.Ordinal);
            }
        return text;
    }
}
