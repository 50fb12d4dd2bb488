namespace Firn.Formats.SquashFs;

/// <summary>
/// A hash of a path in which digits in a row count as one, so that a new version in a path changes nothing.
/// FNV-1a, 64 bits.
/// </summary>
internal readonly record struct PathHash(ulong Value)
{
    private const ulong Prime = 0x100000001b3;

    public static PathHash Start { get; } = new(0xcbf29ce484222325);

    /// <summary>The hash of the path that goes on with a slash and <paramref name="name"/>.</summary>
    public PathHash Extend(ReadOnlySpan<byte> name)
    {
        var hash = (Value ^ '/') * Prime;
        var wasDigit = false;
        foreach (var letter in name)
        {
            var isDigit = letter is >= (byte)'0' and <= (byte)'9';
            if (!isDigit || !wasDigit) hash = (hash ^ (isDigit ? (byte)'0' : letter)) * Prime;
            wasDigit = isDigit;
        }
        return new(hash);
    }
}
