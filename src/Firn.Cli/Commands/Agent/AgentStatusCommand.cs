using System.CommandLine;
using System.Globalization;
using Firn.Agent.Service;
using Firn.Cli.Commands.Boot;
using Firn.Formats.Boot;
using Firn.Machine.Boot;

namespace Firn.Cli.Commands.Agent;

internal static class AgentStatusCommand
{
    public static Command Create() => AgentAsking.Verb("status", "Show what the agent is at, and what it waits for", AgentVerb.Status);

    public static IEnumerable<string> Lines(AgentStatus status)
    {
        yield return $"slot {status.Slot.Name()}, version {status.Running ?? "unknown"}, {(status.IsConfirmed ? "confirmed" : "on trial")}";
        yield return status.Why is { } why ? $"{status.Activity}: {why}" : status.Activity;
        if (status.Verity == RootVerity.Corrupted) yield return $"root image {BootShowCommand.DescribeVerity(RootVerity.Corrupted)}";
        if (status.Pending is { } pending) yield return $"installed: {pending}, tried at the next boot";
        if (status.Downloaded is { } downloaded) yield return $"downloaded: {downloaded}, asleep in the idle slot";
        if (status.Offered is { } offered) yield return $"offered: {offered}";
        yield return $"last check: {Time(status.LastCheck) ?? "never"}; next: {Time(status.NextCheck) ?? "now"}";
        if (status.Problem is { } problem) yield return $"problem: {problem}";
        if (status.Hold is { } hold) yield return $"held{(Time(status.HoldUntil) is { } until ? $" until {until}" : "")}: {hold}";
        if (status.Pin is { } pin) yield return $"pinned to {pin}";
    }

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
