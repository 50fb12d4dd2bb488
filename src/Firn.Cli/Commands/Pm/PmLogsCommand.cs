using System.CommandLine;
using Firn.Supervision.Logs;

namespace Firn.Cli.Commands.Pm;

internal static class PmLogsCommand
{
    public static Command Create()
    {
        var unit = new Argument<string>("unit") { Description = "Name of a unit" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what comes" };
        var lines = new Option<int?>("--lines", "-n") { Description = "Only the last lines (default: all; 10 with --follow)", HelpName = "N" };
        var home = PmCommands.Home();
        var command = new Command("logs", "Show what a unit has written, through all its files") { unit, follow, lines, home };
        command.SetAction((parsed, cancellation) =>
        {
            var reader = new LogReader(PmCommands.HomeOf(parsed.GetValue(home)).Log(parsed.GetValue(unit)!));
            using var output = Console.OpenStandardOutput();
            var isFollowing = parsed.GetValue(follow);
            reader.Show(output, parsed.GetValue(lines) ?? (isFollowing ? 10 : int.MaxValue));
            if (isFollowing) reader.Follow(output, cancellation);
            return Task.CompletedTask;
        });
        return command;
    }
}
