using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using Firn.Images.Recipes;
using Firn.Images.VirtualMachines;

namespace Firn.Images.Scenarios;

/// <summary>Every kind of value a scenario can have.</summary>
internal static partial class ScenarioValues
{
    public static ValueKind<string> Text { get; } = Where("text", text => text.Length > 0 && !text.Contains('\0'));

    /// <summary>A text that may be empty.</summary>
    public static ValueKind<string> AnyText { get; } = Where("text", text => !text.Contains('\0'));

    /// <summary>May be empty, too.</summary>
    public static ValueKind<string> Line { get; } = Where(
        "a single line of text", text => !text.AsSpan().ContainsAny('\0', '\n', '\r'));

    public static ValueKind<string> Pattern { get; } = Where("a regular expression", IsPattern);

    public static ValueKind<TimeSpan> Time { get; } = new("a time such as 500ms, 1.5s, 10m or 1h", TryTime);
    public static ValueKind<TimeSpan?> OptionalTime { get; } = new(Time.Expected, (text, out value) =>
    {
        var isTime = TryTime(text, out var time);
        value = time;
        return isTime;
    });

    public static ValueKind<long> Memory { get; } = new(VirtualMachineOptions.MemoryRange, (text, out value) =>
        SizeText.TryParse(text, out value) && VirtualMachineOptions.IsMemory(value));
    public static ValueKind<long?> DiskSize { get; } = new("a size such as 4G", (text, out value) =>
    {
        var isSize = SizeText.TryParse(text, out var size);
        value = size;
        return isSize && size > 0;
    });

    public static ValueKind<int> Cpus { get; } = Number(1, 64);
    public static ValueKind<int?> ExitCode { get; } = new("a number from 0 to 255, or any", (text, out value) =>
    {
        value = Number(0, 255).TryParse(text, out var code) ? code : null;
        return value is not null || text == "any";
    });

    public static ValueKind<FirmwareKind> Firmware { get; } = new("efi or bios", (text, out value) =>
    {
        value = text == "bios" ? FirmwareKind.Bios : FirmwareKind.Efi;
        return text is "efi" or "bios";
    });

    public static ValueKind<WatchdogKind> Watchdog { get; } = new("i6300esb, itco or none", (text, out value) =>
    {
        value = text switch { "i6300esb" => WatchdogKind.I6300Esb, "itco" => WatchdogKind.Itco, _ => WatchdogKind.None };
        return text is "i6300esb" or "itco" or "none";
    });

    public static ValueKind<string> Mac { get; } = Where(
        "six pairs of hexadecimal digits such as 52:54:00:12:34:56",
        text => text.Split(':') is { Length: 6 } pairs && pairs.All(pair => pair.Length == 2 && pair.All(char.IsAsciiHexDigit)));
    public static ValueKind<Guid?> Uuid { get; } = new("a UUID", (text, out value) =>
    {
        value = Guid.TryParse(text, out var uuid) ? uuid : null;
        return value is not null;
    });

    public static ValueKind<PortForward?> Forward { get; } = new(
        "HOST:GUEST, two port numbers such as \"2222:22\"", (text, out value) =>
        {
            value = PortForward.TryParse(text);
            return value is not null;
        });

    private static bool TryTime(string text, out TimeSpan time)
    {
        time = default;
        var match = Duration.Match(text);
        if (!match.Success) return false;
        var unit = match.Groups[2].Value switch { "ms" => 0.001, "s" => 1, "m" => 60, _ => 3600 };
        var seconds = double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * unit;
        if (seconds > TimeSpan.FromDays(1).TotalSeconds) return false;
        time = TimeSpan.FromSeconds(seconds);
        return true;
    }

    private static bool IsPattern(string text)
    {
        try
        {
            SerialConsole.Pattern(ScenarioVariables.ExpandForCheck(text));
            return text.Length > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static ValueKind<string> Where(string expected, Func<string, bool> isRight)
    {
        return new(expected, Try);

        bool Try(string text, [MaybeNullWhen(false)] out string value)
        {
            value = text;
            return isRight(text);
        }
    }

    private static ValueKind<int> Number(int minimum, int maximum) => new($"a number from {minimum} to {maximum}", (text, out value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= minimum && value <= maximum);

    [GeneratedRegex(@"^([0-9]{1,9}(?:\.[0-9]{1,3})?)(ms|s|m|h)\z")]
    private static partial Regex Duration { get; }
}
