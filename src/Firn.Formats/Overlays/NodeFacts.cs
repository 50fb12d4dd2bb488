using System.Collections.Immutable;

namespace Firn.Formats.Overlays;

/// <summary>
/// What is known of one machine: names with one or several values. An overlay's layers are chosen by them. In a file
/// they are lines <c>name=value</c>; lines that begin with <c>#</c> are comments, a name that comes again has one more value.
/// </summary>
public sealed record NodeFacts(ImmutableSortedDictionary<string, ImmutableArray<string>> Values)
{
    public const string Mac = "mac", Uuid = "uuid", Volume = "volume", Kernel = "kernel", Release = "release",
        Hostname = "hostname", Architecture = "arch", Serial = "serial", Virtualization = "virt";

    /// <summary>No machine has more to say.</summary>
    private const int MaximumLines = 10_000;

    /// <summary>Facts that a favor may give without their name.</summary>
    public static ImmutableArray<string> Nameless { get; } =
        [Mac, Uuid, Volume, Kernel, Release, Hostname, Architecture, Serial, Virtualization];

    public static NodeFacts None { get; } = new(ImmutableSortedDictionary.Create<string, ImmutableArray<string>>(StringComparer.Ordinal));

    public ImmutableArray<string> Of(string name) => Values.TryGetValue(name, out var values) ? values : [];

    public NodeFacts With(string name, string value) =>
        value.Length == 0 || Of(name).Contains(value) ? this : new(Values.SetItem(name, Of(name).Add(value)));

    /// <summary>The values of <paramref name="other"/> in place of those of the same name here.</summary>
    public NodeFacts Replaced(NodeFacts other) => new(Values.SetItems(other.Values));

    /// <param name="fileName">For messages.</param>
    /// <exception cref="InvalidDataException">A line is not <c>name=value</c>.</exception>
    public static NodeFacts Parse(string text, string fileName)
    {
        var facts = None;
        var number = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range).Trim();
            if (++number > MaximumLines) throw new InvalidDataException($"{fileName}: more than {MaximumLines} lines are no facts");
            if (line.IsEmpty || line[0] == '#') continue;
            var cut = line.IndexOf('=');
            if (cut < 0 || !IsName(line[..cut].TrimEnd()) || line[(cut + 1)..].Trim().IsEmpty)
                throw new InvalidDataException($"{fileName}:{number}: expected NAME=VALUE, with a name of letters, digits, '.' and '_'");
            facts = facts.With(line[..cut].TrimEnd().ToString(), line[(cut + 1)..].Trim().ToString());
        }
        return facts;
    }

    public string ToText() => string.Concat(Values.SelectMany(fact => fact.Value.Select(value => $"{fact.Key}={value}\n")));

    internal static bool IsName(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > 64 || !char.IsAsciiLetter(text[0])) return false;
        foreach (var c in text)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_')) return false;
        return true;
    }
}
