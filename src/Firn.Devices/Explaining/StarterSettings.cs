namespace Firn.Devices.Explaining;

/// <summary>The configuration of Victron's <c>serial-starter</c>: <c>service NAME TEMPLATE</c>, <c>alias NAME a:b:c</c>, <c>include DIRECTORY</c>.</summary>
public sealed class StarterSettings
{
    private const int DeepestInclude = 8;

    private readonly Dictionary<string, string> _templates = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _aliases = new(StringComparer.Ordinal);

    /// <summary>Of an image's tree; later files win.</summary>
    public static StarterSettings OfImage(string image)
    {
        var settings = new StarterSettings();
        settings.ReadFile(image, "etc/venus/serial-starter.conf", 0);
        settings.ReadDirectory(image, "data/conf/serial-starter.d", 0);
        return settings;
    }

    public string? TemplateOf(string program) => _templates.GetValueOrDefault(program);

    /// <summary>What a name stands for: aliases within aliases, each program once, in order.</summary>
    public IReadOnlyList<string> Expand(string names)
    {
        var (programs, seen) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal));
        Add(names);
        return programs;

        void Add(string list)
        {
            foreach (var name in list.Split(':', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                if (!seen.Add(name)) continue;    // an alias of itself ends here, too
                else if (_aliases.TryGetValue(name, out var meant)) Add(string.Join(':', meant));
                else programs.Add(name);
        }
    }

    public void Read(string text, Action<string> include)
    {
        foreach (var line in text.Split('\n'))
            switch (line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            {
                case ["service", var name, var template]: _templates[name] = template; break;
                case ["alias", var name, var list]: _aliases[name] = list.Split(':'); break;
                case ["include", var directory]: include(directory); break;
            }
    }

    private void ReadFile(string image, string path, int depth)
    {
        var file = Path.Combine(image, path.TrimStart('/'));
        if (depth < DeepestInclude && File.Exists(file)) Read(File.ReadAllText(file), directory => ReadDirectory(image, directory, depth + 1));
    }

    private void ReadDirectory(string image, string path, int depth)
    {
        var directory = Path.Combine(image, path.TrimStart('/'));
        if (!Directory.Exists(directory)) return;
        foreach (var file in Directory.GetFiles(directory, "*.conf").Order(StringComparer.Ordinal)) ReadFile(image, Path.GetRelativePath(image, file), depth);
    }
}
