using System.Collections.Immutable;
using System.Text;
using Firn.Images.Scenarios;
using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>Runs a scenario from <c>scenarios/</c> and fails with its whole report.</summary>
internal static class Story
{
    /// <param name="variables">Of the scenario, besides <c>releases</c>.</param>
    public static void Passes(string name, string imageDirectory, FirmwareKind firmware, params (string Name, string Value)[] variables)
    {
        var file = Path.Combine(Repository.Root, "tests", "Firn.SystemTests", "scenarios", name + ".yaml");
        var logs = Directory.CreateDirectory(Path.Combine(Repository.Artifacts, "logs")).FullName;
        var options = new ScenarioOptions(Path.Combine(imageDirectory, "disk.img"))
        {
            Firmware = firmware,
            ConsoleLog = Path.Combine(logs, $"{name}-{firmware.ToString().ToLowerInvariant()}.log"),
            Variables = variables.Append(("releases", TestImages.Releases)).ToImmutableDictionary(variable => variable.Item1, variable => variable.Item2),
            TimeScale = TimeScale,
        };
        var report = ScenarioRunner.Run(
            ScenarioReader.Read(file, [.. options.Variables.Keys]), options, cancellation: TestContext.Current.CancellationToken);
        Assert.True(report.Passed, Describe(report));
    }

    /// <summary>Slow machines set it; the scenarios' limits are for two cores of 2026 that emulate one machine each.</summary>
    private static double TimeScale =>
        double.TryParse(Environment.GetEnvironmentVariable("FIRN_TIME_SCALE"), System.Globalization.CultureInfo.InvariantCulture, out var scale)
            ? scale
            : 1;

    private static string Describe(ScenarioReport report)
    {
        var text = new StringBuilder($"{report.Name} ({report.File})\n");
        foreach (var step in report.Steps)
            text.AppendLine($"  {step.Outcome,-7} {step.Seconds,6:0.0} s  line {step.Line}: {step.Title}{(step.Failure is null ? "" : "\n" + step.Failure)}");
        text.AppendLine($"console log: {report.ConsoleLog}; its end:");
        text.AppendJoin('\n', report.LastLines).AppendJoin('\n', report.FirmwareLines);
        return text.ToString();
    }
}
