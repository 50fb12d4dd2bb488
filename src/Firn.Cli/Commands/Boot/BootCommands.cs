using System.CommandLine;
using Firn.Formats.Boot;

namespace Firn.Cli.Commands.Boot;

internal static class BootCommands
{
    public static Command Create(Wiring wiring) => new("boot", "See and choose what boots")
    {
        BootShowCommand.Create(wiring),
        BootTryCommand.Create(wiring),
        BootSetCommand.Create(wiring),
    };

    public static Option<FileInfo?> Disk() => new("--disk")
    {
        Description = "An image file with a whole disk (default: the disk this system runs from)",
        HelpName = "IMAGE",
    };

    public static Option<bool> Json() => new("--json") { Description = "Print the result as JSON" };

    /// <param name="byDefault">For the help: what holds when it is not given.</param>
    public static Option<int?> Tries(string byDefault) => new("--tries")
    {
        Description = $"Boots it has to be confirmed, 1 to {Trial.MaximumTries} (default: {byDefault})",
        HelpName = "N",
        CustomParser = argument => WholeNumber.Parse(argument, tries => tries is >= 1 and <= Trial.MaximumTries, $"a number from 1 to {Trial.MaximumTries}"),
    };

    public static Argument<Slot> Slot(string description) => new("slot")
    {
        Description = description,
        HelpName = "a|b|rescue",
        CustomParser = result =>
        {
            if (!SlotNames.TryParse(result.Tokens[0].Value, out var slot))
                result.AddError($"'{result.Tokens[0].Value}' is no slot: expected a, b or rescue");
            return slot;
        },
    };
}
