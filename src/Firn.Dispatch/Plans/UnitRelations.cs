using Firn.Dispatch.Files;
using Firn.Supervision.Engine;
using Firn.Supervision.Units;

namespace Firn.Dispatch.Plans;

/// <summary>What units say of each other, before any manager has them.</summary>
public static class UnitRelations
{
    private static readonly string[] Waiting = ["requires", "requisite", "bindsTo", "after"];

    /// <summary>Loops of waiting, by name, and units that are required and nowhere to be found.</summary>
    public static List<UnitProblem> Check(SortedDictionary<string, UnitProperties> units, UnitPlaces places, string file)
    {
        var problems = new List<UnitProblem>();
        foreach (var cycle in UnitCycles.Find(units.Keys, name => WaitsFor(units, name)))
            problems.Add(places.Problem(cycle[0], [.. Waiting, "before"], file, $"units wait for each other: {UnitCycles.Describe(cycle)}"));
        foreach (var (name, properties) in units)
            foreach (var key in (string[])["requires", "requisite", "bindsTo"])
                foreach (var other in Names(properties, key))
                    if (!units.ContainsKey(other) && (UnitName.TemplateOf(other) is not { } template || !units.ContainsKey(template)) && !other.Contains('%', StringComparison.Ordinal))
                        problems.Add(places.Problem(name, [key], file, $"unit {name} {key} {other}, and there is no such unit"));
        return problems;
    }

    /// <summary>Pairs of units and why the first depends on the second.</summary>
    public static IEnumerable<(string From, string To, string Kind)> Edges(SortedDictionary<string, UnitProperties> units)
    {
        foreach (var (name, properties) in units)
            foreach (var kind in (string[])["requires", "requisite", "bindsTo", "wants", "partOf", "after"])
                foreach (var other in Names(properties, kind)) yield return (name, other, kind);
    }

    private static IEnumerable<string> WaitsFor(SortedDictionary<string, UnitProperties> units, string name)
    {
        if (!units.TryGetValue(name, out var properties)) yield break;
        foreach (var key in Waiting)
            foreach (var other in Names(properties, key)) yield return other;
        foreach (var (other, otherProperties) in units)
            if (otherProperties.Value("before") is not null && Array.IndexOf(Names(otherProperties, "before"), name) >= 0) yield return other;
    }

    private static string[] Names(UnitProperties properties, string key)
    {
        var values = properties.Values(key);
        return values.Length == 0 ? [] : string.Join(' ', values).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
    }
}
