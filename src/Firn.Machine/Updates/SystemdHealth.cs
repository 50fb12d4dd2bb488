using System.Diagnostics;
using Firn.Linux.Processes;

namespace Firn.Machine.Updates;

/// <summary>systemd has started everything it was to start, and no unit has failed; systemctl(1), is-system-running.</summary>
/// <param name="runtimeDirectory">Exists when systemd runs the system; sd_booted(3).</param>
/// <param name="systemctl">The program to ask.</param>
/// <param name="pollInterval">Between two questions.</param>
public sealed class SystemdHealth(string runtimeDirectory, string systemctl, TimeSpan pollInterval) : IHealthCheck
{
    private static readonly TimeSpan QuestionLimit = TimeSpan.FromSeconds(20);

    public string Name => "systemd";

    public HealthResult Run(TimeSpan limit)
    {
        if (!Directory.Exists(runtimeDirectory)) return new HealthResult.NotApplicable("systemd does not run this system");
        var waited = Stopwatch.StartNew();
        while (true)
        {
            var state = Ask("is-system-running").Trim();
            if (state == "running") return new HealthResult.Healthy();
            if (state == "degraded") return Failed($"failed units: {Names("list-units", "--state=failed")}");
            // empty and "offline": systemd does not answer yet
            if (state is not ("initializing" or "starting" or "" or "offline" or "unknown")) return Failed($"system is {state}");
            if (waited.Elapsed >= limit)
                return Failed($"system is still {state} after {waited.Elapsed.TotalSeconds:0} s, jobs: {Names("list-jobs")}");
            Thread.Sleep(pollInterval < limit ? pollInterval : limit);
        }
    }

    private static HealthResult.Unhealthy Failed(string reason) => new($"systemd: {reason}");

    private string Names(params string[] question)
    {
        // both lists have the unit's name as the first word with a dot in it
        var names = Ask([.. question, "--plain", "--no-legend", "--no-pager"]).Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(word => word.Contains('.')))
            .OfType<string>().ToArray();
        return names.Length == 0 ? "none named" : string.Join(", ", names);
    }

    /// <summary>The answer; is-system-running has an exit code other than 0 for most of them.</summary>
    private string Ask(params string[] question)
    {
        try
        {
            return ProgramRun.Run(systemctl, question, QuestionLimit).Output;
        }
        catch (FileNotFoundException error)
        {
            return $"unable to say: {error.Message}";
        }
    }
}
