using System.Collections.Immutable;
using System.Text;
using Firn.Formats.Trees;

namespace Firn.Formats.KernelModules;

/// <summary>
/// What depmod(8) wrote beside the modules of a kernel, in the text form that modprobe of busybox reads too: modules.dep(5),
/// modules.alias, modules.softdep, modules.builtin, modules.builtin.modinfo.
/// </summary>
public sealed class ModuleIndex
{
    private const int MaximumFileBytes = 64 << 20;

    private readonly ImmutableSortedDictionary<string, KernelModule> _byPath;
    private readonly Dictionary<string, KernelModule> _byName = [];
    private readonly HashSet<string> _builtIn;
    private readonly ILookup<string, SoftDependency> _softDependencies;

    private ModuleIndex(
        IEnumerable<KernelModule> modules, ImmutableArray<ModuleAlias> aliases,
        ImmutableArray<SoftDependency> softDependencies, ImmutableArray<string> builtInPaths,
        ImmutableArray<ModuleAlias> builtInAliases)
    {
        _byPath = modules.ToImmutableSortedDictionary(module => module.Path, module => module, StringComparer.Ordinal);
        foreach (var module in _byPath.Values) _byName.TryAdd(module.Name, module);
        (Aliases, SoftDependencies) = (aliases, softDependencies);
        (BuiltInPaths, BuiltInAliases) = (builtInPaths, builtInAliases);
        _builtIn = [.. builtInPaths.Select(KernelModule.NameOf)];
        _softDependencies = softDependencies.ToLookup(dependency => dependency.Module);
    }

    /// <summary>Sorted by path.</summary>
    public IEnumerable<KernelModule> Modules => _byPath.Values;
    public ImmutableArray<ModuleAlias> Aliases { get; }
    public ImmutableArray<SoftDependency> SoftDependencies { get; }
    public ImmutableArray<string> BuiltInPaths { get; }
    public ImmutableArray<ModuleAlias> BuiltInAliases { get; }

    /// <summary>Reads the files of a directory such as <c>usr/lib/modules/6.1.0-50-amd64</c>.</summary>
    /// <exception cref="InvalidDataException"><c>modules.dep</c> is missing, or a file is not as depmod writes it.</exception>
    public static ModuleIndex Read(FileNode directory)
    {
        if (!directory.Children.ContainsKey("modules.dep"))
            throw new InvalidDataException("modules.dep is missing: depmod has not been run for this kernel");
        return Parse(
            Text("modules.dep"), Text("modules.softdep"), Text("modules.alias"), Text("modules.builtin"),
            Text("modules.builtin.modinfo"));

        string Text(string name) => directory.Children.TryGetValue(name, out var file)
            ? Encoding.UTF8.GetString(file.Content.ReadAll(MaximumFileBytes))
            : "";
    }

    /// <exception cref="InvalidDataException">Names the file and the line.</exception>
    public static ModuleIndex Parse(
        string dep, string softDep = "", string alias = "", string builtIn = "", string builtInInfo = "") => new(
            ModuleText.Dependencies(dep), ModuleText.Aliases(alias), ModuleText.SoftDependencies(softDep),
            ModuleText.BuiltIn(builtIn), ModuleText.BuiltInAliases(builtInInfo));

    /// <summary>
    /// The modules of these names with everything they need, soft dependencies included. A name may be an alias, or a
    /// pattern of module names such as <c>nls_*</c>.
    /// </summary>
    public ModuleClosure Closure(IEnumerable<string> wanted)
    {
        var (chosen, builtIn, missing) = (new SortedDictionary<string, KernelModule>(StringComparer.Ordinal),
            new SortedSet<string>(StringComparer.Ordinal), new SortedSet<string>(StringComparer.Ordinal));
        var pending = new Stack<KernelModule>();
        foreach (var name in wanted)
        {
            var modules = Resolve(name, out var isBuiltIn);
            if (isBuiltIn) builtIn.Add(name);
            else if (modules.Count == 0) missing.Add(name);
            modules.ForEach(pending.Push);
        }
        while (pending.TryPop(out var module))
        {
            if (!chosen.TryAdd(module.Path, module)) continue;
            foreach (var path in module.Dependencies) pending.Push(_byPath[path]);
            // What a soft dependency names may well be absent: modprobe does not mind either.
            foreach (var soft in _softDependencies[module.Name].SelectMany(soft => soft.Before.Concat(soft.After)))
                Resolve(soft, out _).ForEach(pending.Push);
        }
        return new([.. chosen.Values], [.. builtIn], [.. missing]);
    }

    /// <summary>The index as it must be where only the modules of a closure are.</summary>
    public ModuleIndex Only(ModuleClosure closure)
    {
        var names = closure.Modules.Select(module => module.Name).ToHashSet();
        return new(
            closure.Modules, [.. Aliases.Where(alias => names.Contains(alias.Module))],
            [.. SoftDependencies.Where(soft => names.Contains(soft.Module))], BuiltInPaths, BuiltInAliases);
    }

    public string DepText() => Lines(Modules.Select(module => string.Join(' ', [$"{module.Path}:", .. module.Dependencies])));
    public string AliasText() => Lines(Aliases.Select(alias => $"alias {alias.Pattern} {alias.Module}"));
    public string BuiltInText() => Lines(BuiltInPaths);

    public string SoftDepText() => Lines(SoftDependencies.Select(
        soft => $"softdep {soft.Module}{Names(" pre:", soft.Before)}{Names(" post:", soft.After)}"));

    /// <summary>In the order of modprobe: a module's own name, then aliases.</summary>
    private List<KernelModule> Resolve(string name, out bool isBuiltIn)
    {
        var wanted = KernelModule.NameOf(name);
        isBuiltIn = false;
        if (_byName.TryGetValue(wanted, out var module)) return [module];
        if (name.AsSpan().ContainsAny('*', '?'))
        {
            var glob = new ModuleGlob(name);
            isBuiltIn = _builtIn.Any(candidate => glob.Matches(candidate));
            return [.. _byName.Values.Where(candidate => glob.Matches(candidate.Name))];
        }
        isBuiltIn = _builtIn.Contains(wanted) || BuiltInAliases.Any(alias => alias.Matches(name));
        return [.. Aliases.Where(alias => alias.Matches(name)).Select(alias => _byName.GetValueOrDefault(alias.Module))
            .OfType<KernelModule>().Distinct()];
    }

    private static string Names(string title, ImmutableArray<string> names) =>
        names.IsEmpty ? "" : $"{title} {string.Join(' ', names)}";

    private static string Lines(IEnumerable<string> lines) => string.Concat(lines.Select(line => $"{line}\n"));
}
