using System.Collections.Immutable;
using System.CommandLine;
using Firn.Cli.Commands.Boot;
using Firn.Cli.Rendering;
using Firn.Settings.Etc;

namespace Firn.Cli.Commands.Etc;

internal static class EtcDiffCommand
{
    public static Command Create(Wiring wiring)
    {
        var path = new Argument<string?>("path")
        {
            Description = "Show the lines in which this file differs, or the files below this directory; without it, what differs is listed",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var json = BootCommands.Json();
        var command = new Command("diff", "Show what this machine changed of its image's /etc") { path, json };
        command.SetAction(parsed =>
        {
            using var etc = MachineEtc.Open(wiring.Paths);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(path) is { } one && !parsed.GetValue(json))
                foreach (var line in etc.Differences(MachineEtc.Below(one))) output.WriteLine(line);
            else Result.Print(output, Of(etc.Changes(), parsed.GetValue(path)), parsed.GetValue(json), EtcReportJson.Default.ImmutableArrayEtcChange, Lines);
        });
        return command;
    }

    private static ImmutableArray<EtcChange> Of(ImmutableArray<EtcChange> changes, string? path) => path is null
        ? changes : [.. changes.Where(change => MachineEtc.IsWithin(MachineEtc.Below(path), change.Path))];

    /// <summary>A letter and the path: A was added, M changed, D removed.</summary>
    public static IEnumerable<string> Lines(ImmutableArray<EtcChange> changes) => changes.Select(change =>
        $"{change.Kind switch { EtcChangeKind.Added => 'A', EtcChangeKind.Removed => 'D', _ => 'M' }} {change.Path}{(change.What.IsEmpty ? "" : $"  ({string.Join(", ", change.What)})")}");
}
