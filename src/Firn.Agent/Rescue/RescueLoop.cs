using System.Collections.Immutable;
using System.Globalization;
using Firn.Agent.Service;
using Firn.Linux.Files;
using Firn.Machine.Boot;
using Firn.Machine.Updates;

namespace Firn.Agent.Rescue;

/// <summary>Parts of the world that the loop asks and tells.</summary>
/// <param name="Pending">The slot that boots next, on trial, because somebody else installed to it; null for none.</param>
/// <param name="Ways">What a person can do just now, a line each.</param>
/// <param name="Publish">Takes the report whenever it has changed.</param>
/// <param name="Announce">Takes lines for whoever stands before the machine.</param>
/// <param name="Reboot">Asks for an orderly restart; comes back.</param>
/// <param name="Random">From 0 to below 1.</param>
public sealed record RescueSurroundings(
    Func<string?> Pending, Func<ImmutableArray<string>> Ways, Action<RescueReport> Publish, Action<IEnumerable<string>> Announce, Action Reboot, Func<double> Random);

/// <summary>
/// Waits in the rescue system for something that brings the machine back, and takes the first that does: on trial, like every update. What
/// does not help brings the machine here again, and waits longer each time. docs/reference/rescue.md.
/// </summary>
/// <param name="sources">In the order in which they are asked.</param>
/// <param name="lastConfirmed">When the machine was last well; null if that is not known.</param>
public sealed class RescueLoop(
    RescueCause cause, ImmutableArray<IRescueSource> sources, string memoryFile, DateTimeOffset? lastConfirmed, RescueSurroundings around, TimeProvider clock)
{
    /// <summary>Between two looks: a person who plugs in a drive sees something happen.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    /// <summary>A person who comes later finds it on the screen, too.</summary>
    private static readonly TimeSpan AnnouncePause = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan RebootPatience = TimeSpan.FromMinutes(10);

    private readonly Dictionary<IRescueSource, string> _silent = [];
    private RescueMemory _memory = RescueMemory.Read(memoryFile).Since(lastConfirmed);
    private ImmutableArray<string> _told = [];
    private long? _toldAt;

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            Tell(cause == RescueCause.Asked ? "waits for a person" : "waits for something to boot");
            while (true)
            {
                if (around.Pending() is { } pending) Tell($"slot {pending} is tried when the machine restarts");
                else if (cause == RescueCause.Asked) Tell("waits for a person");
                else if (await TakeFirstAsync(stop)) await Task.Delay(RebootPatience, clock, stop);
                else Tell("waits for something to boot");
                await Task.Delay(Pause, clock, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // stopped in order
        }
    }

    private async Task<bool> TakeFirstAsync(CancellationToken stop)
    {
        foreach (var source in sources)
            foreach (var offer in await LookAsync(source, stop))
                if (IsDue(offer.Key) && await TakeAsync(offer, stop)) return true;
        return false;
    }

    private bool IsDue(string key) => _memory.IsDue(key, clock.GetUtcNow());

    private async Task<IReadOnlyList<RescueOffer>> LookAsync(IRescueSource source, CancellationToken stop)
    {
        try
        {
            var offers = await source.LookAsync(IsDue, stop);
            _silent.Remove(source);
            return offers;
        }
        catch (Exception error) when (IsAnswer(error))
        {
            _silent[source] = error.Message;
            return [];
        }
    }

    private async Task<bool> TakeAsync(RescueOffer offer, CancellationToken stop)
    {
        Tell($"takes {offer.Words}");
        Remember(_memory.Begun(offer.Key, offer.Words, clock.GetUtcNow(), around.Random()));
        try
        {
            await offer.TakeAsync(stop);
        }
        catch (Exception error) when (IsAnswer(error))
        {
            Remember(_memory.Failed(offer.Key, error.Message));
            return false;
        }
        Tell($"restarts with {offer.Words}");
        around.Reboot();
        return true;
    }

    /// <summary>On a machine that is broken more than one thing may be: whoever waits goes on with the rest.</summary>
    private static bool IsAnswer(Exception error) => error is UpdateFailedException or IOException or InvalidDataException or UnauthorizedAccessException;

    /// <summary>Where nothing can be kept, the machine is healed all the same.</summary>
    private void Remember(RescueMemory memory)
    {
        _memory = memory;
        try
        {
            DurableFile.Replace(memoryFile, memory.ToJson());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            around.Announce([$"what was tried cannot be kept: {error.Message}"]);
        }
    }

    private void Tell(string activity)
    {
        var report = new RescueReport(cause.Words(), activity, around.Ways(), [.. _memory.Attempts.Select(Words), .. _silent.Values]);
        around.Publish(report);
        var lines = report.Lines();
        var isAgain = _toldAt is not { } at || clock.GetElapsedTime(at) >= AnnouncePause;
        if (isAgain) _toldAt = clock.GetTimestamp();
        around.Announce(isAgain ? lines : lines.Except(_told));
        _told = lines;
    }

    private static string Words(RescueAttempt attempt) => string.Create(
        CultureInfo.InvariantCulture,
        $"{attempt.Words}: {attempt.Problem ?? "did not bring the machine back"}; again on {attempt.NotBefore.UtcDateTime:yyyy-MM-dd HH:mm}Z");
}
