using System.Collections.Immutable;

namespace Firn.Formats.KernelModules;

/// <summary>The lines of depmod's text files. Comments start with <c>#</c>.</summary>
internal static class ModuleText
{
    private static readonly char[] Blanks = [' ', '\t'];

    public static List<KernelModule> Dependencies(string text)
    {
        const string file = "modules.dep";
        var modules = new Dictionary<string, KernelModule>();
        foreach (var (number, line) in Lines(text))
        {
            var colon = line.IndexOf(':');
            if (colon <= 0) throw Wrong(file, number, "expected a path and a colon");
            var path = line[..colon].Trim();
            ThrowIfOutside(file, number, path);
            if (!modules.TryAdd(path, new(KernelModule.NameOf(path), path, [.. Words(line[(colon + 1)..])])))
                throw Wrong(file, number, $"{path} has a line already");
        }
        foreach (var module in modules.Values)
            foreach (var path in module.Dependencies)
                if (!modules.ContainsKey(path))
                    throw new InvalidDataException($"{file}: {module.Path} needs {path}, which has no line");
        return [.. modules.Values];
    }

    public static ImmutableArray<ModuleAlias> Aliases(string text) =>
    [
        .. Lines(text).Select(entry => Words(entry.Line) is ["alias", var pattern, .., var module]
            ? new ModuleAlias(pattern, KernelModule.NameOf(module))
            : throw Wrong("modules.alias", entry.Number, "expected \"alias pattern module\"")),
    ];

    /// <summary>Words in front of <c>pre:</c> and <c>post:</c>, which some modules have by mistake, mean nothing.</summary>
    public static ImmutableArray<SoftDependency> SoftDependencies(string text)
    {
        var dependencies = ImmutableArray.CreateBuilder<SoftDependency>();
        foreach (var (number, line) in Lines(text))
        {
            if (Words(line) is not ["softdep", var module, .. var names])
                throw Wrong("modules.softdep", number, "expected \"softdep module …\"");
            var (before, after, ignored) = (new List<string>(), new List<string>(), new List<string>());
            var current = ignored;
            foreach (var name in names)
            {
                if (name == "pre:") current = before;
                else if (name == "post:") current = after;
                else current.Add(name);
            }
            if (before.Count + after.Count > 0) dependencies.Add(new(KernelModule.NameOf(module), [.. before], [.. after]));
        }
        return dependencies.ToImmutable();
    }

    public static ImmutableArray<string> BuiltIn(string text)
    {
        foreach (var (number, line) in Lines(text)) ThrowIfOutside("modules.builtin", number, line);
        return [.. Lines(text).Select(entry => entry.Line)];
    }

    /// <summary>Of <c>modules.builtin.modinfo</c>, whose entries <c>module.key=value</c> end with zeros.</summary>
    public static ImmutableArray<ModuleAlias> BuiltInAliases(string text)
    {
        const string key = ".alias=";
        var aliases = ImmutableArray.CreateBuilder<ModuleAlias>();
        foreach (var entry in text.Split('\0'))
            if (entry.IndexOf(key, StringComparison.Ordinal) is > 0 and var at && !entry.AsSpan(0, at).Contains('='))
                aliases.Add(new(entry[(at + key.Length)..], KernelModule.NameOf(entry[..at])));
        return aliases.ToImmutable();
    }

    private static IEnumerable<(int Number, string Line)> Lines(string text) => text.Split('\n')
        .Select((line, index) => (index + 1, line.Trim())).Where(entry => entry.Item2 is not ("" or ['#', ..]));

    private static string[] Words(string line) => line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The paths become names of files in an initramfs.</summary>
    private static void ThrowIfOutside(string file, int number, string path)
    {
        if (path.Split('/').Any(part => part is "" or "." or ".."))
            throw Wrong(file, number, $"'{path}' is not a path below the kernel's directory");
    }

    private static InvalidDataException Wrong(string file, int number, string problem) => new($"{file}:{number}: {problem}");
}
