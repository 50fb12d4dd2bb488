namespace Firn.Formats.Tar;

/// <summary>Numbers of header fields (octal, or GNU's base 256) and of extension records (decimal).</summary>
internal static class TarNumber
{
    public static bool IsId(long value) => value is >= 0 and < uint.MaxValue;    // 2³²−1 means "no owner"

    public static long Read(ReadOnlySpan<byte> field, string name, long headerOffset)
    {
        var value = (field[0] & 0x80) != 0 ? ReadBase256(field) : ReadOctal(field);
        return value ?? throw new InvalidDataException(
            $"tar: header at offset {headerOffset} has a {name} that is not a number within 64 bits");
    }

    /// <summary>Decimal, possibly negative, possibly with a fraction that is rounded down.</summary>
    public static long? ReadDecimal(ReadOnlySpan<byte> text)
    {
        var isNegative = text.StartsWith("-"u8);
        if (isNegative) text = text[1..];
        ReadOnlySpan<byte> fraction = [];
        if (text.IndexOf((byte)'.') is var point and >= 0)
        {
            fraction = text[(point + 1)..];
            text = text[..point];
        }
        if (text.IsEmpty || text.Length > 18) return null;
        if (text.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return null;
        if (fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return null;

        long value = 0;
        foreach (var digit in text) value = value * 10 + (digit - '0');
        if (!isNegative) return value;
        return fraction.ContainsAnyExcept((byte)'0') ? -value - 1 : -value;
    }

    private static long? ReadOctal(ReadOnlySpan<byte> field)
    {
        field = field.TrimStart((byte)' ');
        if (field.IndexOfAny((byte)0, (byte)' ') is var end and >= 0) field = field[..end];
        long value = 0;    // twelve octal digits are 36 bits
        foreach (var digit in field)
        {
            if (digit is < (byte)'0' or > (byte)'7') return null;
            value = value << 3 | (long)(digit - '0');
        }
        return value;
    }

    /// <summary>Big endian two's complement in the bits below the first, which marks it.</summary>
    private static long? ReadBase256(ReadOnlySpan<byte> field)
    {
        var isNegative = (field[0] & 0x40) != 0;
        Int128 value = isNegative ? -1 : 0;
        for (var i = 0; i < field.Length; i++)
        {
            var octet = i > 0 ? field[i] : isNegative ? field[0] : (byte)(field[0] & 0x7f);
            value = value << 8 | octet;
        }
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : null;
    }
}
