namespace Firn.Images.Content;

/// <summary>Orders version strings by their numbers: 6.1.0-9 comes before 6.1.0-50.</summary>
internal sealed class VersionOrder : IComparer<string>
{
    public static VersionOrder Instance { get; } = new();

    public int Compare(string? left, string? right)
    {
        var a = left.AsSpan();
        var b = right.AsSpan();
        while (!a.IsEmpty && !b.IsEmpty)
        {
            if (char.IsAsciiDigit(a[0]) && char.IsAsciiDigit(b[0]))
            {
                var x = Digits(ref a);
                var y = Digits(ref b);
                var byLength = x.Length.CompareTo(y.Length);
                var order = byLength != 0 ? byLength : x.SequenceCompareTo(y);
                if (order != 0) return order;
                continue;
            }
            if (a[0] != b[0]) return a[0].CompareTo(b[0]);
            a = a[1..];
            b = b[1..];
        }
        return a.Length.CompareTo(b.Length);
    }

    private static ReadOnlySpan<char> Digits(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? text : text[..end];
        text = text[digits.Length..];
        return digits.TrimStart('0');
    }
}
