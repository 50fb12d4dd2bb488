using System.Globalization;

namespace Firn.Images.VirtualMachines;

/// <summary>How much slower than usual this host is: what every time limit is multiplied by.</summary>
public static class TimeScale
{
    /// <summary>The environment variable that says so.</summary>
    public const string Variable = "FIRN_TIME_SCALE";

    /// <summary>Null for what is no number from 0.1 to 1000; 1 for nothing at all.</summary>
    public static double? Parse(string? text) =>
        text is not { Length: > 0 } ? 1
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var scale) && scale is >= 0.1 and <= 1000 ? scale
        : null;
}
