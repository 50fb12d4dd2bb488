using System.CommandLine;
using Firn.Agent.Rescue;
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
            parsed.InvocationConfiguration.Output, Status(wiring, parsed.GetValue(disk)?.FullName),
            parsed.GetValue(json), ResultJson.Default.UpdateStatus, Lines));
        return command;
    }

    private static UpdateStatus Status(Wiring wiring, string? disk)
    {
        var status = wiring.UpdateControl(disk).Status();
        return disk is null ? status with { Rescue = RescueReports.Read(wiring.Paths) } : status;
    }

    private static IEnumerable<string> Lines(UpdateStatus status)
    {
        yield return $"slot {status.Running.Name()}, version {status.Version ?? "unknown"}, "
            + (status.IsConfirmed ? "confirmed" : "not confirmed");
        yield return $"trial: {BootShowCommand.DescribeTrial(status.Trial)}";
        if (status.Verity is { } verity) yield return $"root image: {BootShowCommand.DescribeVerity(verity)}";
        if (status.Last is { } last) yield return $"last: {UpdateHistoryCommand.Describe(last)}";
        foreach (var line in status.Rescue?.Lines() ?? []) yield return line;
    }
}
