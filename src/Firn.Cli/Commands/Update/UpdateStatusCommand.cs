using System.CommandLine;
using Firn.Cli.Commands.Boot;
using Firn.Cli.Rendering;
using Firn.Formats.Boot;
using Firn.Machine.Updates;

namespace Firn.Cli.Commands.Update;

internal static class UpdateStatusCommand
{
    public static Command Create(Wiring wiring)
    {
        var disk = BootCommands.Disk();
        var json = BootCommands.Json();
        var command = new Command("status", "Show what runs, whether it is confirmed, and how the last update went") { disk, json };
        command.SetAction(parsed => Result.Print(
            parsed.InvocationConfiguration.Output, wiring.UpdateControl(parsed.GetValue(disk)?.FullName).Status(),
            parsed.GetValue(json), ResultJson.Default.UpdateStatus, Lines));
        return command;
    }

    private static IEnumerable<string> Lines(UpdateStatus status)
    {
        yield return $"slot {status.Running.Name()}, version {status.Version ?? "unknown"}, "
            + (status.IsConfirmed ? "confirmed" : "not confirmed");
        yield return $"trial: {BootShowCommand.DescribeTrial(status.Trial)}";
        if (status.Verity is { } verity) yield return $"root image: {BootShowCommand.DescribeVerity(verity)}";
        if (status.Last is { } last) yield return $"last: {UpdateHistoryCommand.Describe(last)}";
    }
}
