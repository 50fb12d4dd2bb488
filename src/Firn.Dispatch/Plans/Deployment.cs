using Firn.Supervision.Control;
using Firn.Supervision.Homes;
using Firn.Supervision.Units;

namespace Firn.Dispatch.Plans;

/// <summary>
/// From what units should be to the commands that make it so. The commands are the plan: what is shown is what is done,
/// and they mean the same whoever carries them to the manager.
/// </summary>
public static class Deployment
{
    /// <summary>The units that a manager's home has, without their run-time state.</summary>
    public static SortedDictionary<string, UnitProperties> Read(PmHome home)
    {
        var units = new SortedDictionary<string, UnitProperties>(StringComparer.Ordinal);
        if (!Directory.Exists(home.Units)) return units;
        foreach (var directory in Directory.GetDirectories(home.Units))
            if (StateStore.Read($"{directory}/parameter") is { } table) units[UnitName.Decode(Path.GetFileName(directory))] = UnitProperties.Parse(table);
        return units;
    }

    /// <summary>Units that are gone are stopped first, all together: the manager knows the order. New ones come last.</summary>
    public static List<ControlRequest> Plan(SortedDictionary<string, UnitProperties> present, SortedDictionary<string, UnitProperties> wanted)
    {
        var (gone, set, act, added) = (new List<string>(), new List<ControlRequest>(), new List<ControlRequest>(), new List<string>());
        foreach (var name in present.Keys)
            if (!wanted.ContainsKey(name)) gone.Add(name);
        foreach (var (name, properties) in wanted)
        {
            var changes = Changes(present.GetValueOrDefault(name) ?? new(), properties, out var effect);
            if (changes.Count == 0) continue;
            set.Add(new("set-property", [name], changes, Blocks: false));
            var isNew = !present.ContainsKey(name);
            if (UnitName.IsTemplate(name)) continue;
            if (isNew && properties.Value("enabled") is not ("false" or "no" or "off")) added.Add(name);
            else if (!isNew && effect == ChangeEffect.Restart) act.Add(new("try-restart", [name], []));
            else if (!isNew && effect == ChangeEffect.Reload)
            {
                act.Add(new("try-reload-or-restart", [name], []));
                // what was set up anew is read anew by those that need it
                foreach (var (other, its) in wanted)
                    if (present.ContainsKey(other) && Array.IndexOf(its.Values("requires"), name) >= 0) act.Add(new("try-reload-or-restart", [other], []));
            }
        }
        var commands = new List<ControlRequest>();
        if (gone.Count > 0) commands.AddRange([new("stop", gone, []), new("remove", gone, [])]);
        commands.AddRange(set);
        commands.AddRange(act);
        if (added.Count > 0) commands.Add(new("start", added, []));
        return commands;
    }

    /// <summary>A command as lines for a FIFO, none longer than it takes.</summary>
    public static IEnumerable<string> Lines(ControlRequest request)
    {
        var whole = request.ToWords();
        if (System.Text.Encoding.UTF8.GetByteCount(whole) <= ControlRequest.LongestInputLine || (request.Properties.Count <= 1 && request.Units.Count <= 1))
        {
            yield return whole;
            yield break;
        }
        if (request.Units.Count > 1)
            foreach (var unit in request.Units) yield return (request with { Units = [unit] }).ToWords();
        else
            for (var i = 0; i < request.Properties.Count;)
            {
                // all values of a key together: the first one replaces what was there
                var next = i + 1;
                while (next < request.Properties.Count && KeyOf(request.Properties[next]) == KeyOf(request.Properties[i])) next++;
                var values = new List<string>();
                for (; i < next; i++) values.Add(request.Properties[i]);
                yield return (request with { Properties = values }).ToWords();
            }
    }

    private static string KeyOf(string property) => property[..property.IndexOf('=')];

    /// <summary>Puts units into a home that no manager has open: it finds them when it starts.</summary>
    public static void Place(PmHome home, SortedDictionary<string, UnitProperties> wanted)
    {
        var store = new StateStore(home);
        foreach (var (name, properties) in wanted)
        {
            store.MakeDirectory(home.Unit(name));
            var table = properties.ToString();
            if (StateStore.Read($"{home.Unit(name)}/parameter") != table.TrimEnd('\n')) store.Write($"{home.Unit(name)}/parameter", table);
        }
        foreach (var name in Read(home).Keys)
            if (!wanted.ContainsKey(name) && UnitName.TemplateOf(name) is null) store.Write($"{home.Unit(name)}/goal", "down");
        if (!store.IsComplete) throw new IOException($"{home.Path}: {store.Problem}");
    }

    private static List<string> Changes(UnitProperties old, UnitProperties now, out ChangeEffect effect)
    {
        effect = ChangeEffect.None;
        var keys = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < old.Count; i++) keys.Add(old.KeyAt(i));
        for (var i = 0; i < now.Count; i++) keys.Add(now.KeyAt(i));
        var changes = new List<string>();
        foreach (var key in keys)
        {
            var (before, after) = (old.Values(key), now.Values(key));
            if (before.AsSpan().SequenceEqual(after)) continue;
            var keyEffect = UnitKey.Find(key)?.Effect ?? ChangeEffect.None;
            if (keyEffect > effect) effect = keyEffect;
            if (after.Length == 0) changes.Add($"{key}=");
            foreach (var value in after) changes.Add($"{key}={value}");
        }
        return changes;
    }
}
