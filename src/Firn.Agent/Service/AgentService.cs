using System.Text.Json;
using Firn.Formats.Agents;

namespace Firn.Agent.Service;

/// <summary>Where the agent of a machine is found.</summary>
public sealed record AgentPaths(string Root = "/")
{
    public string SettingsOfImage => Path.Combine(Root, AgentSettings.SettingsPath);
    public string SettingsOfPerson => Path.Combine(Root, "etc/firn/agent.conf");
    public string Socket => Path.Combine(Root, "run/firn/agent.sock");

    /// <summary>The status, for who may not ask.</summary>
    public string StatusFile => Path.Combine(Root, "run/firn/agent.json");
    public string Memory => Path.Combine(Root, "data/firn/agent.json");
}

/// <summary>The agent as a whole: its loop, its socket, its metrics and its watchdogs.</summary>
public sealed class AgentService(AgentSettings settings, AgentPaths paths, ServiceManager manager, Action<string> log, TimeProvider clock)
{
    private readonly Lock _publishing = new();
    private AgentStatus? _status;

    /// <summary>Until it is stopped.</summary>
    /// <exception cref="IOException">A socket, port or watchdog cannot be had.</exception>
    public async Task RunAsync(IUpdateEngine engine, IAgentMachine machine, CancellationToken stop)
    {
        using var watchdog = settings.Watchdog is { } device ? new HardwareWatchdog(device) : null;
        var intervals = new[] { manager.BeatInterval, watchdog is null ? null : HardwareWatchdog.BeatInterval };
        var loop = new AgentLoop(settings, engine, machine, paths.Memory, new(Publish, log, Beat, intervals.Min()), clock, Random.Shared.NextDouble);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        List<Task> parts = [loop.RunAsync(ending.Token), AgentSocket.ServeAsync(paths.Socket, loop.AskAsync, ending.Token)];
        if (settings.MetricsPort is { } port) parts.Add(AgentMetrics.ServeAsync(port, Now, ending.Token));
        manager.Ready();
        var first = await Task.WhenAny(parts);    // all of them go on for ever: one that ends has failed, or was stopped
        manager.Stopping();
        await ending.CancelAsync();
        await first;
        await Task.WhenAll(parts);

        // damage does not wait for the loop's next turn
        AgentStatus? Now() => _status is { } status ? status with { Verity = machine.Verity } : null;

        void Beat()
        {
            manager.Beat();
            watchdog?.Beat();
        }
    }

    /// <summary>In the rescue system, where updates are somebody else's: only feeds the watchdogs, until it is stopped.</summary>
    public async Task StandAsideAsync(CancellationToken stop)
    {
        using var watchdog = settings.Watchdog is { } device ? new HardwareWatchdog(device) : null;
        var pause = new[] { manager.BeatInterval, watchdog is null ? null : HardwareWatchdog.BeatInterval }.Min() ?? Timeout.InfiniteTimeSpan;
        manager.Ready();
        while (!stop.IsCancellationRequested)
        {
            manager.Beat();
            watchdog?.Beat();
            await Task.Delay(pause, clock, stop).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        manager.Stopping();
    }

    private void Publish(AgentStatus status)
    {
        lock (_publishing)
        {
            if (status with { Time = default } == _status) return;
            _status = status with { Time = default };
            manager.Status(status.Why ?? status.Activity);
            Directory.CreateDirectory(Path.GetDirectoryName(paths.StatusFile)!);
            // in memory: whole when it appears is all it needs
            var beside = paths.StatusFile + ".new";
            File.WriteAllBytes(beside, JsonSerializer.SerializeToUtf8Bytes(status, AgentJson.Default.AgentStatus));
            File.Move(beside, paths.StatusFile, overwrite: true);
        }
    }
}
