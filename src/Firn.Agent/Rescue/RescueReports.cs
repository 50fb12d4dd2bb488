using System.Collections.Immutable;
using System.Text.Json;
using Firn.Machine.Boot;
using Firn.Machine.Updates;

namespace Firn.Agent.Rescue;

/// <summary>What the rescue system is at, for who asks.</summary>
public static class RescueReports
{
    /// <summary>Null where another system runs. Before anybody waits, only why.</summary>
    public static RescueReport? Read(MachinePaths paths)
    {
        if (RescueCauses.Read(paths) is not { } cause) return null;
        try
        {
            if (File.Exists(paths.RescueReport) && JsonSerializer.Deserialize(File.ReadAllBytes(paths.RescueReport), RescueJson.Default.RescueReport) is { } report) return report;
        }
        catch (JsonException)
        {
            // whoever wrote it is not the one that waits
        }
        return new(cause.Words(), "nobody waits for anything: firn rescue wait", [], []);
    }

    /// <summary>In memory: whole when it appears is all it needs.</summary>
    public static void Write(MachinePaths paths, RescueReport report)
    {
        var beside = paths.RescueReport + ".new";
        File.WriteAllBytes(beside, JsonSerializer.SerializeToUtf8Bytes(report, RescueJson.Default.RescueReport));
        File.Move(beside, paths.RescueReport, overwrite: true);
    }

    public static ImmutableArray<string> Lines(this RescueReport report) =>
    [
        $"rescue: {report.Why}; {report.Activity}", .. report.Problems.Select(problem => $"rescue: {problem}"), .. report.Ways.Select(way => $"rescue: {way}"),
    ];
}
