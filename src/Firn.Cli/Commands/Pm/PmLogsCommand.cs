using System.CommandLine;
using Firn.Supervision.Logs;

namespace Firn.Cli.Commands.Pm;

internal static class PmLogsCommand
{
    public static Command Create()
    {
        var unit = new Argument<string>("unit") { Description = "A unit: NAME, or MANAGER.NAME" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what comes" };
        var lines = new Option<int?>("--lines", "-n") { Description = "Only the last lines (default: all; 10 with --follow)", HelpName = "N", CustomParser = WholeNumber.ParsePositiveIfGiven };
        var home = PmCommands.Home();
        var command = new Command("logs", "Show what a unit has written, through all its files") { unit, follow, lines, home };
        command.SetAction((parsed, cancellation) =>
        {
            var isFollowing = parsed.GetValue(follow);
            List<string> words = ["logs", .. isFollowing ? (string[])["-f"] : [], .. parsed.GetValue(lines) is { } last ? (string[])["-n", $"{last}"] : []];
            if (new PmManagers(parsed.GetValue(home)).Find(parsed.GetValue(unit)!, words, hasTerminal: false, out var exit) is not var (target, name)) return Task.FromResult(exit);
            var reader = new LogReader(target.Home.Log(name));
            using var output = Console.OpenStandardOutput();
            reader.Show(output, parsed.GetValue(lines) ?? (isFollowing ? 10 : int.MaxValue));
            if (isFollowing) reader.Follow(output, cancellation);
            return Task.FromResult(0);
        });
        return command;
    }
}
