using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Firn.Cli.Commands.Boot;
using Firn.Cli.Rendering;
using Firn.Formats.Boot;
using Firn.Machine.Updates;

namespace Firn.Cli.Commands.Update;

internal static class UpdateHistoryCommand
{
    public static Command Create(Wiring wiring)
    {
        var json = BootCommands.Json();
        var command = new Command("history", "Show what happened to this machine's slots, oldest first") { json };
        command.SetAction(parsed => Result.Print(
            parsed.InvocationConfiguration.Output, wiring.UpdateControl(null).History(),
            parsed.GetValue(json), ResultJson.Default.ImmutableArrayHistoryEntry, Lines));
        return command;
    }

    private static IEnumerable<string> Lines(ImmutableArray<HistoryEntry> entries) => entries.Select(Describe);

    public static string Describe(HistoryEntry entry)
    {
        var time = entry.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var reason = entry.Reason is null ? "" : $": {entry.Reason}";
        return $"{time} slot {entry.Slot.Name()} {entry.Version ?? "(unknown version)"} {DescribeEvent(entry.Event)}{reason}";
    }

    private static string DescribeEvent(HistoryEvent happened) => happened switch
    {
        HistoryEvent.Installed => "installed",
        HistoryEvent.Confirmed => "confirmed",
        HistoryEvent.Failed => "failed its trial",
        _ => "rolled back",
    };
}
