using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Firn.Agent.Rescue;
using Firn.Agent.Service;
using Firn.Formats.Boot;
using Firn.Linux.Processes;
using Firn.Machine.Boot;
using Firn.Machine.Updates;

namespace Firn.Cli.Commands.Rescue;

internal static class RescueWaitCommand
{
    /// <summary>Longer lines are cut by the kernel.</summary>
    private const int ConsoleLineBytes = 900;

    private static readonly TimeSpan LongestPoll = TimeSpan.FromMinutes(15);

    public static Command Create(Wiring wiring)
    {
        var command = new Command("wait", "What firn-rescue.service runs: in the rescue system, waits for a release from a drive or the repository, installs it and restarts; elsewhere, ends at once");
        command.SetAction((parsed, stop) => RunAsync(wiring, parsed.InvocationConfiguration.Output, stop));
        return command;
    }

    private static async Task RunAsync(Wiring wiring, TextWriter output, CancellationToken stop)
    {
        await Task.Yield();    // signals are heard from here on
        var paths = wiring.Paths;
        if (RescueCauses.Read(paths) is not { } cause)
        {
            output.WriteLine("the rescue system does not run: there is nothing to wait for");
            return;
        }
        var isWaiting = RescueConfiguration.Read(paths.Root).IsWaiting;
        if (!isWaiting) cause = RescueCause.Asked;
        var updates = wiring.UpdateControl(null);
        var loop = new RescueLoop(
            cause, isWaiting ? Sources(wiring, cause, updates) : [], Path.Combine(paths.RescueState, "memory.json"),
            updates.History().LastOrDefault(entry => entry.Event == HistoryEvent.Confirmed)?.Time,
            new(
                () => Pending(updates),
                () => RescueWays.Of(paths, cause != RescueCause.Asked), report => RescueReports.Write(paths, report),
                lines => Announce(output, lines), SystemReboot.Request, Random.Shared.NextDouble),
            wiring.Clock);
        await loop.RunAsync(stop);
    }

    /// <summary>Who stands there with a drive comes first; what needs nothing from outside second.</summary>
    private static ImmutableArray<IRescueSource> Sources(Wiring wiring, RescueCause cause, UpdateControl updates)
    {
        var (disk, engine) = (wiring.Disk(null), new UpdateProgram(Environment.ProcessPath!));
        var poll = Poll(wiring.Paths);
        var tries = disk.Running?.Tries ?? RunningBoot.DefaultTries;
        IRescueSource[] sources =
        [
            new RescueDrives(wiring.Paths, disk.Name, engine.InstallFromAsync),
            new RescueSlots(cause, new(disk), wiring.BootControl(null), updates, tries, wiring.Clock),
        ];
        return RepositoryUpdates.SettingsOf(wiring.Paths) is null ? [.. sources]
            : [.. sources, new RescueRepository(engine, poll < LongestPoll ? poll : LongestPoll, wiring.Clock, Random.Shared.NextDouble)];
    }

    /// <summary>A boot state that cannot be read says of no trial.</summary>
    private static string? Pending(UpdateControl updates)
    {
        try
        {
            return updates.Status().Trial is { HasFailed: false, Slot: not Slot.Rescue } trial ? trial.Slot.Name() : null;
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            return null;
        }
    }

    /// <summary>Settings of the machine's own may be why it is here.</summary>
    private static TimeSpan Poll(MachinePaths paths)
    {
        try
        {
            return AgentConfiguration.Read(new(paths.Root)).Poll;
        }
        catch (InvalidDataException)
        {
            return LongestPoll;
        }
    }

    /// <summary>
    /// By way of the kernel it is on every console that the machine has, and in the journal. A message without a line feed would
    /// be shown only when the next one comes: more might be added to it.
    /// </summary>
    private static void Announce(TextWriter output, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            output.WriteLine(line);
            var bytes = Encoding.UTF8.GetBytes($"<3>firn: {line}");
            using var kernel = new FileStream("/dev/kmsg", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            kernel.Write([.. bytes.AsSpan(0, Math.Min(bytes.Length, ConsoleLineBytes)), (byte)'\n']);
        }
    }
}
