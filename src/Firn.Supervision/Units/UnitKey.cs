namespace Firn.Supervision.Units;

/// <summary>What a changed value asks for while the unit runs.</summary>
public enum ChangeEffect
{
    /// <summary>Nothing: it holds from now on.</summary>
    None,
    Reload,
    Restart,
}

/// <summary>A key that a unit may have; one that ends with a dot stands for all keys that begin so.</summary>
public sealed record UnitKey(string Name, ChangeEffect Effect, bool IsList = false)
{
    private static readonly UnitKey[] All = MakeAll();

    public static IReadOnlyList<UnitKey> Known => All;

    public static UnitKey? Find(string name)
    {
        foreach (var key in All)
            if (key.Name == name || (key.Name.EndsWith('.') && name.Length > key.Name.Length && name.StartsWith(key.Name, StringComparison.Ordinal))) return key;
        return null;
    }

    private static UnitKey[] MakeAll()
    {
        var keys = new List<UnitKey>();
        void Add(ChangeEffect effect, string names, bool isList = false)
        {
            foreach (var name in names.Split(' ')) keys.Add(new(name, effect, isList));
        }
        Add(ChangeEffect.None, "description enabled restart restartDelay maxDelay startLimit startLimitWindow stableTime successCodes");
        Add(ChangeEffect.None, "startTimeout stopTimeout killTimeout dependTimeout reloadTimeout stopSignal reloadSignal checkInterval checkFailures exclusive");
        Add(ChangeEffect.None, "requires requisite wants bindsTo partOf after before alsoReload", isList: true);
        Add(ChangeEffect.None, "logSize logKeep logStamp logCompress limits.");
        Add(ChangeEffect.None, "exec.stop exec.stopPost exec.reload exec.restartPre exec.check", isList: true);
        Add(ChangeEffect.Restart, "exec.startPre", isList: true);
        Add(ChangeEffect.Restart, "type exec.run ready remain pidFile watchdog user group groups directory root umask nice tty log");
        Add(ChangeEffect.Restart, "environment. environmentFile capabilities namespaces install. mount. subroot. parameter. pm. fire.");
        Add(ChangeEffect.Reload, "setup.");
        return [.. keys];
    }
}
