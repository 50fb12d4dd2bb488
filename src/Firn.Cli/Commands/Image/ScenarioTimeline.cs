using System.Diagnostics;
using System.Globalization;
using Firn.Images.Scenarios;

namespace Firn.Cli.Commands.Image;

/// <summary>
/// Shows scenarios as they run, one line a step with its duration. On a terminal the running step is there, too, with
/// the seconds it has taken so far.
/// </summary>
internal sealed class ScenarioTimeline(TextWriter output, bool isTerminal) : IProgress<ScenarioProgress>, IDisposable
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(0.5);
    private readonly Lock _lock = new();
    private Timer? _ticks;
    private string? _running;
    private long _began;

    public void Begin(Scenario scenario)
    {
        output.WriteLine($"{scenario.Name} ({scenario.File})");
        if (isTerminal) _ticks ??= new(_ => Tick(), null, TickInterval, TickInterval);
    }

    public void Report(ScenarioProgress value)
    {
        lock (_lock)
            switch (value)
            {
                case ScenarioProgress.StepBegan began:
                    (_running, _began) = (began.Title, Stopwatch.GetTimestamp());
                    break;
                case ScenarioProgress.StepEnded ended:
                    _running = null;
                    WriteLine(ended.Step, ended.Report);
                    break;
            }
    }

    public void End(ScenarioReport report)
    {
        if (report.Passed) return;
        var failed = report.Steps.First(step => step.Outcome == StepOutcome.Failed);
        output.WriteLine($"{report.File}:{failed.Line}: {failed.Failure}");
        Quote("the firmware's last words:", report.FirmwareLines);
        Quote(report.LastLines.IsEmpty ? "the console stayed empty" : $"the console's last {report.LastLines.Length} lines:", report.LastLines);
        output.WriteLine($"all that came over the console: {report.ConsoleLog}");
    }

    public void Summarize(IReadOnlyCollection<ScenarioReport> reports, int count)
    {
        var passed = reports.Count(report => report.Passed);
        var notRun = count - reports.Count;
        output.WriteLine($"{passed} of {count} scenarios passed" + (notRun > 0 ? $", {notRun} not run" : "")
            + $" in {Seconds(reports.Sum(report => report.Seconds))}");
    }

    public void Interrupted()
    {
        lock (_lock)
        {
            _running = null;
            output.WriteLine($"{(isTerminal ? "\r\e[K" : "")}interrupted");
        }
    }

    public void Dispose() => _ticks?.Dispose();

    private void WriteLine(ScenarioStep step, StepReport report)
    {
        var mark = report.Outcome == StepOutcome.Failed ? "FAILED" : step is ScenarioStep.Note ? "--" : "ok";
        output.WriteLine($"{(isTerminal ? "\r\e[K" : "")}{Seconds(report.Seconds),9}  {mark,-6}  {OneLine(report.Title, int.MaxValue)}");
    }

    private void Tick()
    {
        lock (_lock)
            if (_running is not null)
                output.Write($"\r\e[K{Seconds(Stopwatch.GetElapsedTime(_began).TotalSeconds),9}  …       {OneLine(_running, Console.WindowWidth - 21)}");
    }

    private void Quote(string title, IReadOnlyCollection<string> lines)
    {
        if (lines.Count == 0 && title.EndsWith(':')) return;
        output.WriteLine(title);
        foreach (var line in lines) output.WriteLine($"  | {line}");
    }

    private static string OneLine(string text, int limit)
    {
        var lines = text.TrimEnd().Split('\n');
        var line = lines.Length > 1 ? $"{lines[0]} …" : lines[0];
        return limit > 1 && line.Length > limit ? $"{line[..(limit - 1)]}…" : line;
    }

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");
}
