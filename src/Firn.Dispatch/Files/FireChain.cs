using Firn.Supervision.Units;

namespace Firn.Dispatch.Files;

/// <summary>
/// A program and what must have happened before it can run, as one unit that a person writes and several that a manager
/// has: <c>sw!run@ROOT ← !setup@ROOT ← !install@ROOT|CACHE ← sw!build</c>. Setups of one root exclude each other; all
/// but the program itself may be done again without harm, and are units like others, with a check instead of a process.
/// </summary>
internal static class FireChain
{
    private const string Mark = "fire.";

    public static bool IsOne(UnitProperties properties)
    {
        for (var i = 0; i < properties.Count; i++)
            if (properties.KeyAt(i).StartsWith(Mark, StringComparison.Ordinal)) return true;
        return false;
    }

    /// <param name="report">Hears of what is wrong, and by which key.</param>
    public static List<(string Name, UnitProperties Properties)> Split(string name, UnitProperties whole, Action<string, string> report)
    {
        var units = new List<(string, UnitProperties)>();
        var (root, cache) = (whole.Value("fire.root") ?? "", whole.Value("fire.cache") ?? "");
        if (!root.StartsWith('/')) report("fire.root", "fire.root is missing; expected the directory that the chain is about, from / on");
        var before = "";
        if (whole.Value("fire.build") is { } build)
        {
            var unit = Part("oneshot", ("exec.run", build), ("remain", "true"));
            Add($"{name}!build", unit);
        }
        if (HasAny(whole, "install.")) Add(cache.Length > 0 ? $"{name}!install@{root}|{cache}" : $"{name}!install@{root}", Copy(whole, "install"));
        if (HasAny(whole, "setup."))
        {
            var unit = Copy(whole, "setup");
            unit.Add("exclusive", $"setup@{root}");
            Add($"{name}!setup@{root}", unit);
        }
        var run = new UnitProperties();
        for (var i = 0; i < whole.Count; i++)
            if (whole.KeyAt(i) is var key && !IsOf(key, Mark) && !IsOf(key, "install.") && !IsOf(key, "setup.")) run.Add(key, whole.ValueAt(i));
        Add($"{name}!run@{root}", run);
        return units;

        UnitProperties Part(string type, params (string Key, string Value)[] values)
        {
            var unit = new UnitProperties();
            unit.Add("type", type);
            foreach (var (key, value) in values) unit.Add(key, value);
            return unit;
        }

        UnitProperties Copy(UnitProperties from, string kind)
        {
            var unit = Part(kind);
            for (var i = 0; i < from.Count; i++)
                if (IsOf(from.KeyAt(i), kind + ".")) unit.Add(from.KeyAt(i), from.ValueAt(i));
            return unit;
        }

        void Add(string unit, UnitProperties properties)
        {
            if (before.Length > 0) properties.Add("requires", before);
            properties.Add("parameter.root", root);
            if (cache.Length > 0) properties.Add("parameter.cache", cache);
            if (!UnitName.IsValid(unit)) report("fire.root", $"a unit cannot be called '{unit}'; expected {UnitName.Expected}");
            else units.Add((unit, properties));
            before = unit;
        }
    }

    private static bool HasAny(UnitProperties properties, string prefix)
    {
        for (var i = 0; i < properties.Count; i++)
            if (IsOf(properties.KeyAt(i), prefix)) return true;
        return false;
    }

    private static bool IsOf(string key, string prefix) => key.StartsWith(prefix, StringComparison.Ordinal);
}
