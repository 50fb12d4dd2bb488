using System.Globalization;

namespace Firn.SystemTests;

/// <summary>How long tests go on that get better with time: <c>./test.sh --soak N</c> sets the number of kills.</summary>
internal static class Soak
{
    private const int Ordinary = 5;

    public static int Kills { get; } = Number("FIRN_SOAK") ?? Ordinary;
    public static int Factor => Math.Max(1, Kills / Ordinary);

    /// <summary>Another one each time, and told, so that a failure can be repeated.</summary>
    public static int Seed { get; } = Number("FIRN_SEED") ?? Environment.TickCount;

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
