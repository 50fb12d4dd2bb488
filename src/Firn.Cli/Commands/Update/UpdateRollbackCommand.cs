using System.CommandLine;
using Firn.Cli.Commands.Boot;
using Firn.Cli.Rendering;
using Firn.Formats.Boot;
using Firn.Linux.Processes;
using Firn.Machine.Updates;

namespace Firn.Cli.Commands.Update;

internal static class UpdateRollbackCommand
{
    public static Command Create(Wiring wiring)
    {
        var disk = BootCommands.Disk();
        var reboot = new Option<bool>("--reboot") { Description = "Restart into it at once" };
        var json = BootCommands.Json();
        var command = new Command("rollback", "Go back to the other system, or give up the trial") { disk, reboot, json };
        command.SetAction((parsed, cancellation) =>
        {
            var result = wiring.UpdateControl(parsed.GetValue(disk)?.FullName).Rollback(cancellation);
            Result.Print(
                parsed.InvocationConfiguration.Output, result, parsed.GetValue(json), ResultJson.Default.RollbackResult, Lines);
            if (parsed.GetValue(reboot) && result.NeedsReboot) SystemReboot.Request();
            return Task.CompletedTask;
        });
        return command;
    }

    private static IEnumerable<string> Lines(RollbackResult result)
    {
        var next = $"slot {result.Next.Name()} ({result.Version ?? "unknown version"})";
        yield return result.Outcome switch
        {
            RollbackOutcome.TrialAbandoned => $"the trial is given up, {next} boots next",
            RollbackOutcome.TrialCancelled => $"the installed release will not be tried, {next} stays",
            _ => $"{next} was checked and boots from now on",
        };
        if (result.NeedsReboot) yield return "reboot to use it";
    }
}
