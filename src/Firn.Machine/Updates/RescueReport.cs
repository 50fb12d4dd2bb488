using System.Collections.Immutable;

namespace Firn.Machine.Updates;

/// <summary>What the rescue system is at; <c>/run/firn/rescue.json</c>.</summary>
/// <param name="Why">It runs.</param>
/// <param name="Activity">What it does now, or waits for.</param>
/// <param name="Ways">What a person can do, a line each.</param>
/// <param name="Problems">What was tried and did not help, and when it is tried again.</param>
public sealed record RescueReport(string Why, string Activity, ImmutableArray<string> Ways, ImmutableArray<string> Problems);
