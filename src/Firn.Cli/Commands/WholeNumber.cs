using System.CommandLine.Parsing;

namespace Firn.Cli.Commands;

/// <summary>Reads numbers of options: what is no number, or not one that fits, is named with what would be right.</summary>
internal static class WholeNumber
{
    /// <param name="expected">For the message, e.g. <c>a number from 1 to 9</c>.</param>
    public static int Parse(ArgumentResult argument, Func<int, bool> fits, string expected)
    {
        var text = argument.Tokens[0].Value;
        if (int.TryParse(text, out var number) && fits(number)) return number;
        argument.AddError($"{(argument.Parent as OptionResult)?.Option.Name} {text}: expected {expected}");
        return 0;
    }

    public static int ParseThreads(ArgumentResult argument) => Parse(argument, threads => threads is >= 1 and <= 1024, "a number from 1 to 1024");

    public static int ParsePositive(ArgumentResult argument) => Parse(argument, number => number > 0, "a whole number from 1");

    public static int? ParsePositiveIfGiven(ArgumentResult argument) => ParsePositive(argument);
}
