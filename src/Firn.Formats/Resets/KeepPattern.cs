namespace Firn.Formats.Resets;

public enum KeepAnswer
{
    /// <summary>It is given up.</summary>
    No,

    /// <summary>Something below it may have to stay.</summary>
    Within,

    /// <summary>It stays, with all that is below.</summary>
    Yes,
}

/// <summary>What a machine keeps when everything else of its own is given up: <c>/etc/ssh/ssh_host_*</c>.</summary>
public sealed record KeepPattern
{
    /// <summary>In the root image: lines <c>keep=PATTERN</c>.</summary>
    public const string SettingsPath = "usr/lib/firn/keep.conf";

    public const string Expected = "a path below /etc, /var, /home, /root or /data such as /etc/ssh/ssh_host_*, where * stands for any part of a name";
    private static readonly string[] Places = ["etc", "var", "home", "root", "data"];

    private readonly string[] _names;

    private KeepPattern(string[] names) => _names = names;

    /// <summary>Null for what is none.</summary>
    public static KeepPattern? TryParse(string text) =>
        text.Length < 4096 && text.Split('/') is ["", .. { Length: > 1 } names] && Places.Contains(names[0])
            && names.All(name => name is not ("" or "." or "..") && !name.Any(char.IsControl)) ? new(names) : null;

    /// <param name="path">Absolute; its names are compared as they are.</param>
    public KeepAnswer Of(string path)
    {
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var common = Math.Min(names.Length, _names.Length);
        for (var i = 0; i < common; i++)
            if (!Matches(_names[i].Split('*'), names[i])) return KeepAnswer.No;
        return names.Length >= _names.Length ? KeepAnswer.Yes : KeepAnswer.Within;
    }

    /// <summary>The same for places that lie elsewhere: <c>/etc/x</c> below <c>/data/firn/etc/*/upper</c>.</summary>
    public KeepPattern Moved(string place, string elsewhere) =>
        _names[0] == place ? new([.. elsewhere.Split('/', StringSplitOptions.RemoveEmptyEntries), .. _names[1..]]) : this;

    public override string ToString() => "/" + string.Join('/', _names);

    public bool Equals(KeepPattern? other) => other is not null && _names.AsSpan().SequenceEqual(other._names);
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <param name="parts">What stands between the stars: each after the one before, the first and the last at the ends.</param>
    private static bool Matches(string[] parts, string name)
    {
        if (parts is [var whole]) return name == whole;
        var (at, end) = (parts[0].Length, name.Length - parts[^1].Length);
        if (at > end || !name.StartsWith(parts[0], StringComparison.Ordinal) || !name.EndsWith(parts[^1], StringComparison.Ordinal)) return false;
        foreach (var part in parts[1..^1])
        {
            var found = name.IndexOf(part, at, end - at, StringComparison.Ordinal);
            if (found < 0) return false;
            at = found + part.Length;
        }
        return true;
    }
}
