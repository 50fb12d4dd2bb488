using System.Globalization;
using Firn.Formats.Boot;

namespace Firn.Machine.Boot;

/// <summary>What the boot loader said on the kernel command line of the system that runs.</summary>
/// <param name="Slot"><c>firn.slot</c>.</param>
/// <param name="IsTrial"><c>firn.trial=1</c>: this boot is a trial.</param>
/// <param name="Install"><c>firn.install</c>: number of the installation that wrote the slot.</param>
/// <param name="Confirmed"><c>firn.confirmed</c>: the confirmed slot when this boot began.</param>
/// <param name="Deadline"><c>firn.deadline</c>, in seconds: when a trial must have been confirmed.</param>
/// <param name="Tries"><c>firn.tries</c>: how many boots an install from this system gives the new one.</param>
public sealed record RunningBoot(
    Slot Slot, bool IsTrial, int Install, Slot? Confirmed, TimeSpan? Deadline, int Tries = RunningBoot.DefaultTries)
{
    public const int DefaultTries = 3;

    /// <exception cref="RefusedException">The command line is not one of a Firn system.</exception>
    /// <exception cref="InvalidDataException">A parameter has a value it cannot have.</exception>
    public static RunningBoot Parse(string commandLine)
    {
        var values = new Dictionary<string, string>();
        foreach (var word in commandLine.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries))
            if (word.StartsWith("firn.", StringComparison.Ordinal) && word.Split('=', 2) is [var name, var value])
                values[name] = value.Trim('"');    // of two the last counts, as in the kernel

        if (!values.TryGetValue("firn.slot", out var slotName))
            throw new RefusedException("this system was not booted from a Firn slot (no firn.slot= on the kernel command line)");
        var seconds = Number("firn.deadline", 86400);
        return new(
            ParseSlot("firn.slot", slotName), values.GetValueOrDefault("firn.trial") == "1", Number("firn.install") ?? 0,
            values.TryGetValue("firn.confirmed", out var confirmed) ? ParseSlot("firn.confirmed", confirmed) : null,
            seconds is { } deadline ? TimeSpan.FromSeconds(deadline) : null,
            Math.Max(1, Number("firn.tries", Trial.MaximumTries) ?? DefaultTries));

        int? Number(string name, int maximum = int.MaxValue) =>
            !values.TryGetValue(name, out var text) ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= maximum ? number
            : throw new InvalidDataException($"kernel command line: {name}={text}, expected a number up to {maximum}");
    }

    private static Slot ParseSlot(string name, string value) => SlotNames.TryParse(value, out var slot)
        ? slot
        : throw new InvalidDataException($"kernel command line: {name}={value}, expected a, b or rescue");
}
