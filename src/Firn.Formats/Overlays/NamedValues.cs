using System.Collections.Immutable;
using System.Text;

namespace Firn.Formats.Overlays;

public sealed record NamedValue(string Name, string Value);

/// <summary>
/// Names with one or several values, in a file lines <c>name=value</c>: facts of a machine, settings, what is remembered. Lines
/// that begin with <c>#</c> are comments; a name that comes again has one more value.
/// </summary>
public sealed class NamedValues(ImmutableArray<NamedValue> all)
{
    /// <summary>Nobody has more to say.</summary>
    private const int MaximumLines = 10_000;

    public static NamedValues None { get; } = new([]);

    public ImmutableArray<NamedValue> All => all;

    public ImmutableArray<string> Of(string name) => [.. all.Where(one => one.Name == name).Select(one => one.Value)];

    /// <summary>The last value; null for none.</summary>
    public string? Find(string name) => all.LastOrDefault(one => one.Name == name)?.Value;

    /// <summary>One value more; an empty one is none.</summary>
    public NamedValues With(string name, string? value) =>
        string.IsNullOrEmpty(value) || Of(name).Contains(value) ? this : new(all.Add(new(name, value)));

    /// <summary>The values of <paramref name="other"/> in place of those of the same names here.</summary>
    public NamedValues Replaced(NamedValues other) => new([.. all.Where(one => other.Find(one.Name) is null), .. other.All]);

    /// <param name="fileName">For messages.</param>
    /// <exception cref="InvalidDataException">A line is not <c>name=value</c>.</exception>
    public static NamedValues Parse(string text, string fileName)
    {
        var values = ImmutableArray.CreateBuilder<NamedValue>();
        var number = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan(range).Trim();
            if (++number > MaximumLines) throw new InvalidDataException($"{fileName}: more than {MaximumLines} lines");
            if (line.IsEmpty || line[0] == '#') continue;
            var cut = line.IndexOf('=');
            if (cut < 0 || !IsName(line[..cut].TrimEnd()) || line[(cut + 1)..].Trim().IsEmpty)
                throw new InvalidDataException($"{fileName}:{number}: expected NAME=VALUE, with a name of letters, digits, '.' and '_'");
            values.Add(new(line[..cut].TrimEnd().ToString(), line[(cut + 1)..].Trim().ToString()));
        }
        return new(values.ToImmutable());
    }

    public string ToText()
    {
        var text = new StringBuilder();
        foreach (var one in all) text.Append(one.Name).Append('=').Append(one.Value.ReplaceLineEndings(" ")).Append('\n');
        return text.ToString();
    }

    private static bool IsName(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.Length > 64 || !char.IsAsciiLetter(text[0])) return false;
        foreach (var c in text)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_')) return false;
        return true;
    }
}
