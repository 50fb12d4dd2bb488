namespace Firn.Supervision.Homes;

/// <summary>Names of jobs: 48 bits of milliseconds and 16 of a counter in base 32, so that they sort by time.</summary>
public sealed class JobIds(TimeProvider clock)
{
    private const string Digits = "0123456789abcdefghjkmnpqrstvwxyz";    // Crockford's, lower case
    private const int Length = 13;
    private ulong _last;

    /// <summary>Later than all before it, whatever the clock does.</summary>
    public string Next()
    {
        var now = (ulong)clock.GetUtcNow().ToUnixTimeMilliseconds() << 16;
        _last = Math.Max(now, _last + 1);
        Span<char> text = stackalloc char[Length];
        var value = _last;
        for (var i = Length - 1; i >= 0; i--, value >>= 5) text[i] = Digits[(int)(value & 31)];
        return new(text);
    }
}
