namespace Firn.Supervision.Engine;

/// <summary>Units that wait for themselves by way of others.</summary>
public static class UnitCycles
{
    /// <returns>Each loop once, as it is found, in order of waiting.</returns>
    public static List<List<T>> Find<T>(IEnumerable<T> all, Func<T, IEnumerable<T>> waitsFor) where T : class
    {
        var loops = new List<List<T>>();
        var done = new HashSet<T>();
        var path = new List<T>();
        var onPath = new HashSet<T>();
        var open = new Stack<IEnumerator<T>>();    // not recursion: a chain may be ten thousand long
        foreach (var start in all)
        {
            if (!done.Add(start)) continue;
            Enter(start);
            while (open.Count > 0)
            {
                if (!open.Peek().MoveNext())
                {
                    open.Pop().Dispose();
                    onPath.Remove(path[^1]);
                    path.RemoveAt(path.Count - 1);
                    continue;
                }
                var next = open.Peek().Current;
                if (onPath.Contains(next)) loops.Add(path[path.IndexOf(next)..]);
                else if (done.Add(next)) Enter(next);
            }
        }
        return loops;

        void Enter(T item)
        {
            path.Add(item);
            onPath.Add(item);
            open.Push(waitsFor(item).GetEnumerator());
        }
    }

    internal static string Describe(List<Unit> loop)
    {
        var names = new List<string>();
        foreach (var unit in loop) names.Add(unit.Name);
        return Describe(names);
    }

    public static string Describe(List<string> loop) => $"{string.Join(" → ", loop)} → {loop[0]}";
}
