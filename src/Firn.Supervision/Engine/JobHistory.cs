using Firn.Supervision.Homes;

namespace Firn.Supervision.Engine;

/// <summary>Which jobs are kept on disk: the last five of a unit, and no more than a thousand that are over.</summary>
internal sealed class JobHistory(StateStore store)
{
    private const int OfUnit = 5, OfAll = 1000;

    private readonly Dictionary<string, List<string>> _byUnit = [];
    private readonly Queue<EndedJob> _ended = new();

    public void Began(Unit unit) => Known(unit.Name, unit.Job);

    public void Ended(Unit unit)
    {
        _ended.Enqueue(new(unit.Name, unit.Job));
        if (_ended.Count > OfAll && _ended.TryDequeue(out var oldest) && _byUnit.TryGetValue(oldest.Unit, out var jobs) && jobs.Remove(oldest.Job))
            store.DeleteDirectory(store.Home.Job(oldest.Job));
    }

    /// <summary>A job that was there before; in order of time.</summary>
    public void Known(string unit, string job)
    {
        if (!_byUnit.TryGetValue(unit, out var jobs)) _byUnit[unit] = jobs = [];
        jobs.Add(job);
        if (jobs.Count <= OfUnit) return;
        store.DeleteDirectory(store.Home.Job(jobs[0]));
        jobs.RemoveAt(0);
    }

    private sealed record EndedJob(string Unit, string Job);
}
