using System.Text.RegularExpressions;

namespace Firn.Devices.Rules;

/// <summary>What a value of a device must look like.</summary>
public abstract record ValuePattern
{
    private ValuePattern() { }

    /// <param name="value">Null when the device has no such property.</param>
    public abstract bool Matches(string? value);

    /// <summary><c>null</c>: there must be no such property.</summary>
    public sealed record Absent : ValuePattern
    {
        public override bool Matches(string? value) => value is null;
        public override string ToString() => "absent";
    }

    /// <summary><c>a|b*</c>: one of these globs.</summary>
    public sealed record AnyOf(IReadOnlyList<string> Globs) : ValuePattern
    {
        public override bool Matches(string? value)
        {
            if (value is null) return false;
            foreach (var glob in Globs)
                if (Glob.Matches(glob, value)) return true;
            return false;
        }

        public override string ToString() => $"'{string.Join('|', Globs)}'";
    }

    /// <summary><c>/…/</c>: a regular expression that fits somewhere.</summary>
    public sealed record Expression(Regex Regex) : ValuePattern
    {
        public override bool Matches(string? value)
        {
            try
            {
                return value is not null && Regex.IsMatch(value);
            }
            catch (RegexMatchTimeoutException)
            {
                return false;    // no value of a device may hold all others up
            }
        }

        public override string ToString() => $"/{Regex}/";
    }

    /// <summary><c>!x</c>.</summary>
    public sealed record Not(ValuePattern Inner) : ValuePattern
    {
        public override bool Matches(string? value) => !Inner.Matches(value);
        public override string ToString() => Inner is Absent ? "present" : $"anything but {Inner}";
    }

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    /// <exception cref="FormatException">It is a regular expression that is wrong.</exception>
    public static ValuePattern Parse(string text)
    {
        if (text.StartsWith('!')) return new Not(text == "!null" ? new Absent() : Parse(text[1..]));
        if (text.Length < 2 || text[0] != '/' || text[^1] != '/') return new AnyOf(text.Split('|'));
        try
        {
            return new Expression(new(text[1..^1], RegexOptions.CultureInvariant, Patience));
        }
        catch (ArgumentException error)
        {
            throw new FormatException(error.Message, error);
        }
    }
}
