using System.Collections.Immutable;
using System.CommandLine;
using Firn.Cli.Commands.Boot;
using Firn.Cli.Rendering;
using Firn.Settings.Etc;

namespace Firn.Cli.Commands.Etc;

internal static class EtcConflictsCommand
{
    public static Command Create(Wiring wiring)
    {
        var json = BootCommands.Json();
        var command = new Command("conflicts", "List what both this machine and the running image had changed when that was installed") { json };
        command.SetAction(parsed =>
        {
            using var etc = MachineEtc.Open(wiring.Paths);
            Result.Print(
                parsed.InvocationConfiguration.Output, etc.Conflicts(), parsed.GetValue(json), EtcReportJson.Default.ImmutableArrayEtcConflictReport, Lines);
        });
        return command;
    }

    private static IEnumerable<string> Lines(ImmutableArray<EtcConflictReport> conflicts)
    {
        foreach (var conflict in conflicts.Where(conflict => conflict.IsOpen))
            yield return $"{conflict.Path}: {conflict.Problem}{(conflict.NewVersion is null ? "" : $" (the image's is in {conflict.NewVersion})")}";
        var settled = conflicts.Count(conflict => !conflict.IsOpen);
        if (settled > 0) yield return $"{settled} settled";
        if (conflicts.IsEmpty) yield return "no conflicts";
    }
}
