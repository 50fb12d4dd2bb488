namespace Firn.Formats.Fat;

/// <summary>
/// Long names and the 8.3 names every file has besides. An 8.3 name is kept as its 11 characters, padded with spaces and
/// without the dot. Microsoft's FAT specification 1.03, "FAT Long Directory Entries".
/// </summary>
internal static class FatNames
{
    private const int BaseLength = 8, ExtensionLength = 3;
    private const int MaximumLongName = 255;
    private const string ShortNamePunctuation = "$%'-_@~`!(){}^#&";

    /// <summary>Why a name cannot stand on a FAT volume, or null.</summary>
    public static string? Problem(string name)
    {
        if (name.Length == 0) return "the name is empty";
        if (name.Length > MaximumLongName) return $"the name has more than {MaximumLongName} characters";
        if (name[^1] is '.' or ' ') return "the name ends with a dot or space";
        if (name.AsSpan().IndexOfAny("\"*/:<>?\\|") is >= 0 and var at) return $"the name contains '{name[at]}'";
        return name.Any(char.IsControl) ? "the name contains a control character" : null;
    }

    public static int LongEntries(string name) =>
        (name.Length + FatDirectoryEntry.LongNameUnits - 1) / FatDirectoryEntry.LongNameUnits;

    /// <summary>
    /// The 8.3 name that, with a flag for a lower-case base or extension, says all of <paramref name="name"/>; null if
    /// it needs a long name.
    /// </summary>
    public static (string ShortName, byte CaseFlags)? Exact(string name)
    {
        var dot = name.LastIndexOf('.');
        var (stem, extension) = dot < 0 ? (name, "") : (name[..dot], name[(dot + 1)..]);
        if (stem.Length is 0 or > BaseLength || extension.Length > ExtensionLength || dot == name.Length - 1) return null;
        if (!IsOfOneCase(stem) || !IsOfOneCase(extension)) return null;
        var flags = (stem.Any(char.IsAsciiLetterLower) ? FatDirectoryEntry.LowerBase : 0)
            | (extension.Any(char.IsAsciiLetterLower) ? FatDirectoryEntry.LowerExtension : 0);
        return (Join(Upper(stem), Upper(extension)), (byte)flags);
    }

    /// <summary>An 8.3 name such as <c>BCM271~1DTB</c> that is not in <paramref name="taken"/> yet; adds it there.</summary>
    public static string Numbered(string name, HashSet<string> taken)
    {
        var dot = name.LastIndexOf('.');
        var (stem, extension) = dot <= 0 ? (name, "") : (name[..dot], name[(dot + 1)..]);
        stem = Simplify(stem);
        extension = Simplify(extension);
        extension = extension[..Math.Min(extension.Length, ExtensionLength)];
        for (var number = 1; ; number++)
        {
            var tail = $"~{number}";
            var candidate = Join(stem[..Math.Min(stem.Length, BaseLength - tail.Length)] + tail, extension);
            if (taken.Add(candidate)) return candidate;
        }
    }

    private static string Simplify(string part) => string.Concat(Upper(part)
        .Where(c => c is not ('.' or ' '))
        .Select(c => IsShortNameCharacter(c) ? c : '_'));

    private static bool IsOfOneCase(string part) =>
        Upper(part).All(IsShortNameCharacter)
        && !(part.Any(char.IsAsciiLetterLower) && part.Any(char.IsAsciiLetterUpper));

    private static bool IsShortNameCharacter(char c) =>
        char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || ShortNamePunctuation.Contains(c);

    private static string Upper(string part) =>
        string.Concat(part.Select(c => char.IsAsciiLetterLower(c) ? (char)(c - 'a' + 'A') : c));

    private static string Join(string stem, string extension) =>
        stem.PadRight(BaseLength) + extension.PadRight(ExtensionLength);
}
