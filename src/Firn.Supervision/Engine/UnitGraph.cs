using Firn.Supervision.Units;

namespace Firn.Supervision.Engine;

/// <summary>All units by name, and what they say of each other in both directions.</summary>
/// <param name="kind">Of the manager whose units they are.</param>
internal sealed class UnitGraph(string kind)
{
    private readonly Dictionary<string, Unit> _units = [];
    private bool _isStale;

    public IEnumerable<Unit> All => _units.Values;
    public int Count => _units.Count;

    public Unit? Find(string name) => _units.GetValueOrDefault(name);

    /// <summary>The unit of a name, made if there is none; an instance of a template is defined by it.</summary>
    public Unit Get(string name)
    {
        if (_units.TryGetValue(name, out var unit)) return unit;
        unit = new(name);
        _units[name] = unit;
        _isStale = true;
        if (UnitName.TemplateOf(name) is { } template && Find(template) is { IsDefined: true }) Define(unit, new());
        return unit;
    }

    public void Remove(Unit unit)
    {
        _units.Remove(unit.Name);
        _isStale = true;
    }

    /// <summary>Gives a unit properties of its own; an instance has those of its template under them.</summary>
    public void Define(Unit unit, UnitProperties properties)
    {
        unit.Properties = properties;
        var all = properties;
        if (UnitName.TemplateOf(unit.Name) is { } name && Find(name) is { IsDefined: true } template)
        {
            all = template.Properties.Copy();
            all.Overlay(properties);
        }
        string? problem = null;
        unit.Definition = UnitParser.Parse(unit.Name, all, (_, text) => problem ??= text);
        if (unit.Definition.Manager is { Length: > 0 } child && !ManagerKind.MayContain(kind, child)) problem ??= $"a {kind} cannot contain a {child}";
        if (!ManagerKind.IsOfUser(kind) && ManagerKind.IsOfUser(unit.Definition.Manager) && unit.Definition.User.Length == 0) problem ??= $"a {unit.Definition.Manager} needs user";
        unit.Problem = problem;
        unit.IsDefined = true;
        _isStale = true;
        if (!UnitName.IsTemplate(unit.Name)) return;
        foreach (var instance in new List<Unit>(_units.Values))
            if (UnitName.TemplateOf(instance.Name) == unit.Name) Define(instance, instance.Properties);
    }

    /// <summary>Brings what units know of each other up to date, if anything changed.</summary>
    public void Refresh()
    {
        if (!_isStale) return;
        for (_isStale = false; ;)
        {
            foreach (var unit in new List<Unit>(_units.Values)) Mention(unit.Definition);
            if (!_isStale) break;    // instances that were mentioned may mention others
            _isStale = false;
        }
        var (neededBy, boundBy, parts) = (new Dictionary<Unit, List<Unit>>(), new Dictionary<Unit, List<Unit>>(), new Dictionary<Unit, List<Unit>>());
        var (earlier, later) = (new Dictionary<Unit, List<Unit>>(), new Dictionary<Unit, List<Unit>>());
        foreach (var unit in _units.Values)
        {
            var definition = unit.Definition;
            var needs = Resolve(definition.Requires, definition.BindsTo, definition.Requisite);
            unit.Needs = needs;
            foreach (var other in needs) Add(neededBy, other, unit);
            foreach (var other in Resolve(definition.BindsTo)) Add(boundBy, other, unit);
            foreach (var other in Resolve(definition.PartOf)) Add(parts, other, unit);
            foreach (var other in Resolve(definition.After)) Order(other, unit);
            foreach (var other in Resolve(definition.Before)) Order(unit, other);
        }
        foreach (var unit in _units.Values)
        {
            unit.NeededBy = Of(neededBy, unit);
            unit.BoundBy = Of(boundBy, unit);
            unit.Parts = Of(parts, unit);
            unit.Earlier = Of(earlier, unit);
            unit.Later = Of(later, unit);
            unit.Cycle = null;
        }
        foreach (var cycle in UnitCycles.Find(_units.Values, Waits))
            foreach (var unit in cycle) unit.Cycle = UnitCycles.Describe(cycle);

        void Order(Unit first, Unit second)
        {
            Add(earlier, second, first);
            Add(later, first, second);
        }
    }

    private static IEnumerable<Unit> Waits(Unit unit)
    {
        foreach (var other in unit.Needs) yield return other;
        foreach (var other in unit.Earlier) yield return other;
    }

    private void Mention(UnitDefinition definition)
    {
        foreach (var names in (string[][])[definition.Requires, definition.BindsTo, definition.Requisite, definition.Wants, definition.PartOf, definition.After, definition.Before, definition.AlsoReload])
            foreach (var name in names) Get(name);
    }

    private Unit[] Resolve(params string[][] lists)
    {
        var units = new List<Unit>();
        foreach (var names in lists)
            foreach (var name in names)
                if (Get(name) is var unit && !units.Contains(unit)) units.Add(unit);
        return units.Count == 0 ? [] : [.. units];
    }

    private static void Add(Dictionary<Unit, List<Unit>> lists, Unit key, Unit value)
    {
        if (!lists.TryGetValue(key, out var list)) lists[key] = list = [];
        if (!list.Contains(value)) list.Add(value);
    }

    private static Unit[] Of(Dictionary<Unit, List<Unit>> lists, Unit key) => lists.TryGetValue(key, out var list) ? [.. list] : [];
}
