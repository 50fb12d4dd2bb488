using Firn.Supervision.Homes;
using Firn.Supervision.Units;

namespace Firn.Supervision.Engine;

/// <summary>Which jobs are kept on disk: the last five of a unit, and no more than a thousand that are over.</summary>
internal sealed class JobHistory(StateStore store)
{
    private const int OfUnit = 5, OfAll = 1000;

    private readonly Dictionary<string, List<string>> _byUnit = [];
    private readonly Queue<EndedJob> _ended = new();

    public void Began(Unit unit) => Known(unit.Name, unit.Job);

    /// <summary>What earlier managers left, which no start waits for.</summary>
    public void Load()
    {
        var directories = Directory.GetDirectories(store.Home.Jobs);
        Array.Sort(directories, StringComparer.Ordinal);
        var known = new HashSet<string>();
        foreach (var jobs in _byUnit.Values)
        {
            known.UnionWith(jobs);
            jobs.Clear();
        }
        foreach (var directory in directories)
            if (StateStore.Read($"{directory}/parameter") is { } table && UnitProperties.Parse(table).Value("unit") is { } unit) Known(unit, Path.GetFileName(directory));
            else if (!known.Contains(Path.GetFileName(directory))) store.DeleteDirectory(directory);
    }

    public void Ended(Unit unit)
    {
        _ended.Enqueue(new(unit.Name, unit.Job));
        if (_ended.Count > OfAll && _ended.TryDequeue(out var oldest) && _byUnit.TryGetValue(oldest.Unit, out var jobs) && jobs.Remove(oldest.Job))
            store.DeleteDirectory(store.Home.Job(oldest.Job));
    }

    /// <summary>In order of time.</summary>
    private void Known(string unit, string job)
    {
        if (!_byUnit.TryGetValue(unit, out var jobs)) _byUnit[unit] = jobs = [];
        jobs.Add(job);
        if (jobs.Count <= OfUnit) return;
        store.DeleteDirectory(store.Home.Job(jobs[0]));
        jobs.RemoveAt(0);
    }

    private sealed record EndedJob(string Unit, string Job);
}
