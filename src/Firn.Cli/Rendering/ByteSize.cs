using System.Globalization;

namespace Firn.Cli.Rendering;

/// <summary>Sizes as people write them: <c>4096</c>, <c>128K</c>, <c>10G</c>; K, M, G and T are powers of 1024.</summary>
internal static class ByteSize
{
    private const long Maximum = 1L << 50;

    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        if (text.Length == 0) return false;
        var shift = 10 * ("KMGT".IndexOf(char.ToUpperInvariant(text[^1])) + 1);
        var digits = shift == 0 ? text : text[..^1];
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > Maximum >> shift) return false;
        bytes = number << shift;
        return true;
    }
}
