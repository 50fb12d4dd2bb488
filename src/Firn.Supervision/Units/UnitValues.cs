using System.Globalization;

namespace Firn.Supervision.Units;

/// <summary>Values of keys as text. Null for what they cannot be.</summary>
public static class UnitValues
{
    public const string TimeExpected = "a time such as 500ms, 10s, 5m, 1h or infinity";
    public const string SizeExpected = "a size such as 64K, 512M, 2G or max";

    /// <summary>Milliseconds; <see cref="int.MaxValue"/> for infinity, and a number without a unit is seconds.</summary>
    public static int? Time(string text)
    {
        if (text is "infinity") return int.MaxValue;
        var digits = 0;
        while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '.')) digits++;
        if (digits == 0 || !double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return null;
        double? factor = text[digits..].Trim() switch { "ms" => 1, "" or "s" => 1000, "m" or "min" => 60_000, "h" => 3_600_000, "d" => 86_400_000, _ => null };
        return number * factor is { } total and < int.MaxValue ? (int)total : null;
    }

    public static int? Number(string text, int minimum, int maximum) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum ? number : null;

    public static bool? Boolean(string text) => text switch { "true" or "yes" or "on" => true, "false" or "no" or "off" => false, _ => null };

    /// <summary>Bytes; <see cref="long.MaxValue"/> for max.</summary>
    public static long? Size(string text)
    {
        if (text == "max") return long.MaxValue;
        var shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        var digits = shift == 0 ? text : text[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue >> (shift + 1) ? number << shift : null;
    }
}
