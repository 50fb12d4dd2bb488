using System.Text.Json;

namespace Firn.Dispatch.Remotes;

/// <summary>Whether all that should run on a manager does, from what it says of its units (<c>status</c>).</summary>
public sealed class ManagerHealth
{
    private readonly string? _asking;

    /// <param name="asking">The unit that asks, which waits for the answer; null for none.</param>
    public ManagerHealth(string? asking) => _asking = asking;

    /// <summary>Units that have failed for good, each with why.</summary>
    public List<string> Failed { get; } = [];

    /// <summary>Units that are to run and do not yet, or not at the moment.</summary>
    public List<string> Pending { get; } = [];

    public void Add(JsonElement unit)
    {
        var (name, state) = (unit.GetProperty("unit").GetString()!, unit.GetProperty("state").GetString());
        if (name == _asking) return;
        if (state == "FATAL" || unit.TryGetProperty("failed", out _)) Failed.Add($"{name}{Why(unit)}");
        else if (unit.GetProperty("goal").GetString() == "up" && state is not ("RUNNING" or "RELOADING" or "STOPPED")) Pending.Add($"{name} ({state}{Why(unit)})");
    }

    private static string Why(JsonElement unit) =>
        unit.TryGetProperty("notice", out var notice) ? $": {notice.GetString()}"
        : unit.TryGetProperty("reason", out var reason) ? $": {reason.GetString()}" : "";
}
