using System.Text.Json.Serialization;
using Firn.Formats.Boot;
using Firn.Machine.Boot;

namespace Firn.Agent.Service;

[JsonConverter(typeof(JsonStringEnumConverter<AgentVerb>))]
public enum AgentVerb
{
    [JsonStringEnumMemberName("status")] Status,
    [JsonStringEnumMemberName("check-now")] CheckNow,
    [JsonStringEnumMemberName("hold")] Hold,
    [JsonStringEnumMemberName("release")] Release,
    [JsonStringEnumMemberName("pin")] Pin,
    [JsonStringEnumMemberName("unpin")] Unpin,
    [JsonStringEnumMemberName("retry")] Retry,
}

/// <summary>One line of JSON to the agent's socket.</summary>
/// <param name="Reason">With hold: why.</param>
/// <param name="Until">With hold: when it ends by itself.</param>
/// <param name="Version">With pin.</param>
public sealed record AgentRequest(
    AgentVerb Verb, string? Reason = null, DateTimeOffset? Until = null, string? Version = null);

/// <summary>The answer: a line of JSON.</summary>
/// <param name="Problem">Why it was refused; null if it was done.</param>
public sealed record AgentReply(string? Problem, AgentStatus? Status);

/// <summary>What the agent is at; also in <c>/run/firn/agent.json</c>.</summary>
/// <param name="Time">When this was so.</param>
/// <param name="Running">Version that runs.</param>
/// <param name="Pending">Version that boots next, on trial.</param>
/// <param name="Offered">Version that can be installed, as of the last check.</param>
/// <param name="Activity">checking, downloading, installing, restarting or waiting.</param>
/// <param name="Why">What it waits for.</param>
/// <param name="Until">When it looks again at the latest.</param>
/// <param name="Problem">Of the last check or installation, if that failed.</param>
/// <param name="Hold">Why nothing is done; null if nothing is held.</param>
/// <param name="Downloaded">Version that the idle slot was filled with, asleep.</param>
/// <param name="Verity">Of the root image that runs; null without dm-verity.</param>
public sealed record AgentStatus(
    DateTimeOffset Time, [property: JsonConverter(typeof(SlotJsonConverter))] Slot Slot, string? Running, bool IsConfirmed, string? Pending, string? Offered,
    string Activity, string? Why, DateTimeOffset? Until, DateTimeOffset? LastCheck, DateTimeOffset? NextCheck, string? Problem,
    string? Hold, DateTimeOffset? HoldUntil, string? Pin, string? Downloaded, int Checks, int FailedChecks, int Installs, int FailedInstalls,
    [property: JsonConverter(typeof(JsonStringEnumConverter<RootVerity>))] RootVerity? Verity = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(AgentRequest))]
[JsonSerializable(typeof(AgentReply))]
public sealed partial class AgentJson : JsonSerializerContext;
