using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Firn.Images.Scenarios;

[JsonConverter(typeof(JsonStringEnumConverter<StepOutcome>))]
public enum StepOutcome
{
    [JsonStringEnumMemberName("passed")] Passed,
    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("not-run")] NotRun,
}

/// <summary>What became of a step.</summary>
/// <param name="Title">The step, with the values of its variables.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Output">What a command wrote, or which text a wait found; null for steps without either.</param>
/// <param name="Failure">What was expected and what came; null for a step that did not fail.</param>
public sealed record StepReport(int Line, string Title, StepOutcome Outcome, double Seconds, string? Output, string? Failure);

/// <summary>What became of a scenario.</summary>
/// <param name="Steps">All of them, in order; those after a failure have not been run.</param>
/// <param name="LastLines">The end of the console's text when a step failed; else empty.</param>
/// <param name="ConsoleLog">The file with all that came over the console; null when none was kept.</param>
public sealed record ScenarioReport(
    string Name,
    string File,
    string Disk,
    bool Passed,
    double Seconds,
    ImmutableArray<StepReport> Steps,
    ImmutableArray<string> LastLines,
    string? ConsoleLog)
{
    /// <summary>All that came over the console, as plain text; for tests that look into it.</summary>
    [JsonIgnore]
    public string Console { get; init; } = "";

    /// <summary>What the firmware said where the console has nothing to show; else empty.</summary>
    public ImmutableArray<string> FirmwareLines { get; init; } = [];
}

/// <summary>Reports as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ImmutableArray<ScenarioReport>))]
public sealed partial class ScenarioReportJson : JsonSerializerContext;
