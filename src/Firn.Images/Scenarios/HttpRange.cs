using System.Globalization;
using System.Text.RegularExpressions;

namespace Firn.Images.Scenarios;

/// <summary>The part of a file that a request asks for (RFC 9110, section 14).</summary>
internal readonly partial record struct HttpRange(long First, long Length)
{
    public static HttpRange Whole { get; } = new(-1, -1);

    /// <summary>
    /// What the Range header means for a file of <paramref name="size"/> bytes; null when nothing of it is there. What
    /// is no range of bytes, or several, is answered with the whole, as the RFC allows.
    /// </summary>
    public static HttpRange? Parse(string? header, long size)
    {
        var match = Bytes.Match(header ?? "");
        if (!match.Success) return Whole;
        var (from, to) = (Number(match.Groups[1]), Number(match.Groups[2]));
        if (from is null && to is null) return Whole;
        if (from is null) return to == 0 || size == 0 ? null : new(size - Math.Min(to!.Value, size), Math.Min(to.Value, size));
        if (to < from) return Whole;
        return from >= size ? null : new(from.Value, Math.Min(to ?? long.MaxValue, size - 1) - from.Value + 1);
    }

    /// <summary>A number too large for a file is as good as the largest.</summary>
    private static long? Number(Group group) =>
        group.Length == 0 ? null
        : long.TryParse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;

    [GeneratedRegex(@"^bytes=\s*(\d*)-(\d*)\s*\z")]
    private static partial Regex Bytes { get; }
}
