using System.Globalization;
using System.Text.RegularExpressions;

namespace Firn.Images.VirtualMachines;

/// <summary>Sizes as people write them: 512M, 4G. The units are binary: 4K is 4096 bytes.</summary>
public static partial class SizeText
{
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var match = Size.Match(text);
        if (!match.Success || !long.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        var shift = match.Groups[2].Value switch { "K" => 10, "M" => 20, "G" => 30, "T" => 40, _ => 0 };
        if (number > long.MaxValue >> shift) return false;
        bytes = number << shift;
        return true;
    }

    [GeneratedRegex(@"^([0-9]{1,18})([KMGT]?)\z")]
    private static partial Regex Size { get; }
}
