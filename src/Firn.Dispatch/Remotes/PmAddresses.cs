using Firn.Supervision.Homes;
using Firn.Supervision.Units;

namespace Firn.Dispatch.Remotes;

/// <summary>
/// Finds the manager an address means: <c>[remote.]pm1.pm2.unit</c>. Names may have dots: a unit of the manager itself goes
/// before, then the longest name of a manager or a remote; a unit may be quoted.
/// </summary>
public sealed class PmAddresses(PmHome home, Func<Inventory> inventory)
{
    private const string Any = "*";
    private Inventory? _inventory;

    /// <returns>The manager, and what the unit is called there; where it is elsewhere, the rest of the address.</returns>
    public (PmTarget Target, string Unit) Resolve(string address)
    {
        var (place, root, rest, isFirst) = (home, "", address, true);
        while (true)
        {
            var unquoted = rest.Length > 1 && rest[0] == '"' && rest[^1] == '"' ? rest[1..^1] : null;
            if (unquoted is not null || (rest != Any && UnitName.IsValid(rest) && Directory.Exists(place.Unit(rest)))) return (new PmTarget.Local(place), unquoted ?? rest);
            if (!TryStep(ref place, ref root, ref rest, isFirst, out var elsewhere)) return (new PmTarget.Local(place), rest);
            if (elsewhere is not null) return (elsewhere, rest);
            isFirst = false;
        }
    }

    /// <summary>A manager itself: <c>[remote.]pm1.pm2</c>. Null if there is none of that name.</summary>
    public (PmTarget Target, string Below)? ResolveManager(string address) =>
        Resolve($"{address}.{Any}") is var (target, rest) && (rest == Any || target is PmTarget.Elsewhere) ? (target, rest == Any ? "" : rest[..^(Any.Length + 1)]) : null;

    private bool TryStep(ref PmHome place, ref string root, ref string rest, bool isFirst, out PmTarget? elsewhere)
    {
        elsewhere = null;
        var end = rest.IndexOf('"') is >= 0 and var quote ? quote - 1 : rest.Length - 1;
        for (var dot = end < 0 ? -1 : rest.LastIndexOf('.', end); dot > 0; dot = rest.LastIndexOf('.', dot - 1))
        {
            var (name, after) = (rest[..dot], rest[(dot + 1)..]);
            if (!UnitName.IsValid(name) || after.Length == 0) continue;
            if (HomeOf(place, root, name) is var (below, itsRoot)) (place, root, rest) = (below, itsRoot, after);
            else if (!isFirst || (_inventory ??= inventory()).Entries.GetValueOrDefault(name) is not { } entry) continue;
            else if (entry.IsElsewhere) (elsewhere, rest) = (new PmTarget.Elsewhere(entry), after);
            else if (entry.Socket is not null) (elsewhere, rest) = (new PmTarget.Forwarded(entry.Socket), after);
            else (place, rest) = (new(Path.GetFullPath(entry.Home!)), after);
            return true;
        }
        return false;
    }

    /// <summary>Where the manager has its state that is a unit of another, and what is its /; null for units that are none.</summary>
    /// <param name="root">What is the parent's /, seen from here.</param>
    private static (PmHome Home, string Root)? HomeOf(PmHome parent, string root, string unit)
    {
        if (StateStore.Read($"{parent.Unit(unit)}/parameter") is not { } table) return null;
        var properties = UnitProperties.Parse(table);
        var definition = UnitParser.Parse(unit, properties, (_, _) => { });
        if (definition.Manager.Length == 0 || properties.Value("pm.home") is not { } path) return null;
        root += definition.Root.TrimEnd('/');
        return (new(root + path), root);
    }
}
