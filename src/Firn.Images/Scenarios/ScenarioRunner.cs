using System.Collections.Immutable;
using System.Diagnostics;
using Firn.Images.Building;
using Firn.Images.VirtualMachines;

namespace Firn.Images.Scenarios;

/// <summary>How a scenario is run: what its file leaves open, and what overrides it.</summary>
/// <param name="Disk">The image to test. It is not changed.</param>
public sealed record ScenarioOptions(string Disk)
{
    /// <summary>Null for what the scenario says.</summary>
    public FirmwareKind? Firmware { get; init; }
    public AcceleratorKind Accelerator { get; init; } = AcceleratorKind.Tcg;

    /// <summary>Values for variables, which come before those the scenario declares.</summary>
    public ImmutableDictionary<string, string> Variables { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>A file to which the console is added; null for none.</summary>
    public string? ConsoleLog { get; init; }

    /// <summary>What to do with the machine of a scenario that has passed, before it goes; null for nothing.</summary>
    public Action<VirtualMachine, CancellationToken>? WhenPassed { get; init; }

    /// <summary>Multiplies every time limit and every pause, for slow machines.</summary>
    public double TimeScale { get; init; } = 1;
}

/// <summary>How far a scenario has come.</summary>
public abstract record ScenarioProgress
{
    private ScenarioProgress() { }

    public sealed record StepBegan(ScenarioStep Step, string Title) : ScenarioProgress;
    public sealed record StepEnded(ScenarioStep Step, StepReport Report) : ScenarioProgress;
}

/// <summary>Runs scenarios in QEMU.</summary>
public static class ScenarioRunner
{
    private const int LastLineCount = 60;

    /// <summary>
    /// Runs a scenario step by step until one fails. That a step fails is no exception: it is in the report.
    /// </summary>
    /// <exception cref="ArgumentException">A variable has no value.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the machine is gone.</exception>
    public static ScenarioReport Run(
        Scenario scenario, ScenarioOptions options, IProgress<ScenarioProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var session = new ScenarioSession(scenario, options);
        var began = Stopwatch.GetTimestamp();
        var reports = ImmutableArray.CreateBuilder<StepReport>();
        foreach (var step in scenario.Steps)
        {
            if (reports.Any(report => report.Outcome == StepOutcome.Failed))
            {
                reports.Add(new(step.Line, session.TitleOf(step), StepOutcome.NotRun, 0, null, null));
                continue;
            }
            progress?.Report(new ScenarioProgress.StepBegan(step, session.TitleOf(step)));
            reports.Add(RunStep(session, step, cancellation));
            progress?.Report(new ScenarioProgress.StepEnded(step, reports[^1]));
        }

        var passed = reports.All(report => report.Outcome == StepOutcome.Passed);
        if (passed && session.RunningMachine is { } machine) options.WhenPassed?.Invoke(machine, cancellation);
        return new(
            scenario.Name, scenario.File, options.Disk, passed, Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 3),
            reports.ToImmutable(), passed ? [] : session.LastLines(LastLineCount), options.ConsoleLog)
        {
            Console = session.Console,
            FirmwareLines = passed || session.Console.Length > 0 ? [] : session.FirmwareLines(LastLineCount),
        };
    }

    private static StepReport RunStep(ScenarioSession session, ScenarioStep step, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        string? output = null;
        string? failure;
        var title = session.TitleOf(step);
        try
        {
            (output, failure) = session.Run(step, cancellation);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ToolException)
        {
            failure = error.Message;
        }
        if (failure is not null) failure = string.Join('\n', [failure, .. session.Hints]);
        return new(
            step.Line, title, failure is null ? StepOutcome.Passed : StepOutcome.Failed,
            Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 3), output, failure);
    }
}
