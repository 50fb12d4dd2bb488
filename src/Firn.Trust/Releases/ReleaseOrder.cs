namespace Firn.Trust.Releases;

/// <summary>
/// Which of two versions is newer, by Debian's rules without epochs: numbers count as numbers (1.10 is newer than 1.9),
/// letters come before other characters, and a tilde before everything, even the end (2.0~rc1 is older than 2.0).
/// </summary>
public sealed class ReleaseOrder : IComparer<string>
{
    public static ReleaseOrder Instance { get; } = new();

    public static bool IsNewer(string version, string than) => Instance.Compare(version, than) > 0;

    public int Compare(string? x, string? y)
    {
        ReadOnlySpan<char> left = x, right = y;
        while (!left.IsEmpty || !right.IsEmpty)
        {
            var order = CompareText(ref left, ref right);
            if (order == 0) order = CompareNumber(ref left, ref right);
            if (order != 0) return order;
        }
        return 0;
    }

    private static int CompareText(ref ReadOnlySpan<char> left, ref ReadOnlySpan<char> right)
    {
        while (HasText(left) || HasText(right))
        {
            var order = Weight(left) - Weight(right);
            if (order != 0) return order;
            left = left[1..];
            right = right[1..];
        }
        return 0;
    }

    private static bool HasText(ReadOnlySpan<char> text) => !text.IsEmpty && !char.IsAsciiDigit(text[0]);

    /// <summary>The end, and a number, weigh nothing.</summary>
    private static int Weight(ReadOnlySpan<char> text) => !HasText(text) ? 0 : text[0] switch
    {
        '~' => -1,
        var letter when char.IsAsciiLetter(letter) => letter,
        var other => other + 256,
    };

    private static int CompareNumber(ref ReadOnlySpan<char> left, ref ReadOnlySpan<char> right)
    {
        var x = Digits(ref left);
        var y = Digits(ref right);
        return x.Length != y.Length ? x.Length - y.Length : x.SequenceCompareTo(y);
    }

    private static ReadOnlySpan<char> Digits(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? text : text[..end];
        text = text[digits.Length..];
        return digits.TrimStart('0');
    }
}
