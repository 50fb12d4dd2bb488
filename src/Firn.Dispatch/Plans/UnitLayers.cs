using Firn.Supervision.Units;

namespace Firn.Dispatch.Plans;

/// <summary>Units in the order in which they can start: each layer needs only those before it.</summary>
public static class UnitLayers
{
    public static List<List<string>> Of(SortedDictionary<string, UnitProperties> units)
    {
        var waits = new Dictionary<string, HashSet<string>>();
        foreach (var name in units.Keys) waits[name] = [];
        foreach (var (from, to, kind) in UnitRelations.Edges(units))
            if (kind is "requires" or "requisite" or "bindsTo" or "after" && waits.ContainsKey(to)) waits[from].Add(to);
        var layers = new List<List<string>>();
        while (waits.Count > 0)
        {
            var layer = new List<string>();
            foreach (var (name, others) in waits)
                if (others.Count == 0) layer.Add(name);
            if (layer.Count == 0) layer.AddRange(waits.Keys);    // a loop: drawn as it is
            layer.Sort(StringComparer.Ordinal);
            foreach (var name in layer) waits.Remove(name);
            foreach (var others in waits.Values) others.ExceptWith(layer);
            layers.Add(layer);
        }
        return layers;
    }
}
