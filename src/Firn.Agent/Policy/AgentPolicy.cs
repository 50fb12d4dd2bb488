using System.Globalization;
using Firn.Formats.Agents;

namespace Firn.Agent.Policy;

/// <summary>
/// What the agent does, and when: no clock, no randomness and no machine in here, only values. docs/decisions/0071-agent.md.
/// </summary>
public static class AgentPolicy
{
    /// <summary>Between two looks at what nobody tells of: signals, locks, a metered connection, a trial that is being judged.</summary>
    public static readonly TimeSpan Recheck = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMinutes(1);
    private const int MaximumDoublings = 10;

    public static AgentStep Next(AgentMemory memory, AgentSettings settings, AgentFacts facts)
    {
        if (!facts.IsConfirmed) return new AgentStep.Wait(facts.Now + Recheck, "the running system is on trial");
        if (memory.NextCheck is not { } nextCheck || nextCheck <= facts.Now) return new AgentStep.Check();
        var wait = facts.Pending is { } pending && IsStillWanted(pending, facts.Offer)
            ? BeforeReboot(pending, memory, settings, facts)
            : BeforeInstall(nextCheck, memory, settings, facts);
        if (wait is not null) return wait with { Until = Earlier(wait.Until, nextCheck) };
        return facts.Pending is { } installed && IsStillWanted(installed, facts.Offer)
            ? new AgentStep.Reboot(installed)
            : new AgentStep.Install(facts.Offer!.Version!, IsDownloadOnly: ReachNow(settings, facts) == AgentReach.Download);
    }

    /// <summary>Paused, revoked or overtaken since it was installed: then it is not what the repository has now.</summary>
    private static bool IsStillWanted(string pending, AgentOffer? offer) => offer is null || offer.Version == pending;

    private static AgentStep.Wait? BeforeInstall(DateTimeOffset nextCheck, AgentMemory memory, AgentSettings settings, AgentFacts facts)
    {
        var now = facts.Now;
        if (facts.Offer?.Version is not { } version)
            return new(nextCheck, facts.Pending is { } pending ? $"{pending} is installed, but was paused or revoked since" : "there is nothing to install");
        if (memory.NotBefore is { } notBefore && notBefore > now) return new(notBefore, $"installing {version} failed and will be tried again");
        if (facts.FailedTrials >= settings.Attempts)
            return new(nextCheck, $"{version} failed its trial ({facts.WhyFailed}); 'firn agent retry' tries it again");
        if (IsHeld(memory, now) is { } hold) return hold;
        if (memory.Pin is { } pin && pin != version) return new(nextCheck, $"pinned to {pin}, {version} is not taken");
        if (memory.SeenSince + settings.Delay is { } ripe && ripe > now) return new(ripe, $"{version} is taken on {Time(ripe)}, {Words(settings.Delay)} after it was seen");
        if (BeyondReach(version, nextCheck, memory, settings, facts) is { } limit) return limit;
        return settings.InstallsInWindowOnly ? OutsideOfWindow(version, settings, now) : null;
    }

    private static AgentReach ReachNow(AgentSettings settings, AgentFacts facts) =>
        facts.IsMetered && settings.MeteredReach < settings.Reach ? settings.MeteredReach : settings.Reach;

    private static AgentStep.Wait? BeyondReach(string version, DateTimeOffset nextCheck, AgentMemory memory, AgentSettings settings, AgentFacts facts)
    {
        var reach = ReachNow(settings, facts);
        var isDownloaded = memory.Downloaded == version;
        if (reach == AgentReach.Install || (reach == AgentReach.Download && !isDownloaded)) return null;
        if (reach < settings.Reach)
            return new(facts.Now + Recheck, $"{version} {(isDownloaded ? "is downloaded and " : "")}waits for a connection that costs nothing");
        return new(nextCheck, isDownloaded ? $"{version} is downloaded; 'firn update install' tries it" : $"{version} can be installed by hand");
    }

    private static AgentStep.Wait? BeforeReboot(string version, AgentMemory memory, AgentSettings settings, AgentFacts facts)
    {
        var now = facts.Now;
        if (IsHeld(memory, now) is { } hold) return hold;
        if (settings.Reboot == RebootStrategy.Never) return new(now + settings.Poll, $"{version} is installed and waits for a restart by hand");
        if (settings.Reboot == RebootStrategy.Signal && !facts.IsSignalled)
            return new(now + Recheck, $"{version} is installed and waits for {settings.RebootSignal}");
        if (settings.Reboot == RebootStrategy.Window && OutsideOfWindow(version, settings, now) is { } closed) return closed;
        return facts.HeldLock is { } held ? new(now + Recheck, $"{version} is installed; {held} is locked against a restart") : null;
    }

    private static AgentStep.Wait? IsHeld(AgentMemory memory, DateTimeOffset now) =>
        memory.Hold is { } hold && !(hold.Until <= now) ? new(hold.Until ?? DateTimeOffset.MaxValue, $"held: {hold.Reason}") : null;

    private static AgentStep.Wait? OutsideOfWindow(string version, AgentSettings settings, DateTimeOffset now)
    {
        var next = settings.Windows.Select(window => window.Next(now, settings.TimeZone)).MinBy(opening => opening.From)!;
        return next.From <= now ? null : new(next.From, $"{version} waits for the window that opens on {Time(next.From)}");
    }

    /// <summary>After a clock was set back: what was remembered of a later time must put nothing off, and hide no failure.</summary>
    public static AgentMemory WithoutFuture(AgentMemory memory, AgentSettings settings, DateTimeOffset now)
    {
        var farthest = now + 2 * settings.Poll;    // with all jitter there may be
        return memory with
        {
            NextCheck = memory.NextCheck > farthest ? null : memory.NextCheck,
            NotBefore = memory.NotBefore > farthest ? null : memory.NotBefore,
            SeenSince = memory.SeenSince > now ? now : memory.SeenSince,
            RetryFrom = memory.RetryFrom > now ? now : memory.RetryFrom,
        };
    }

    /// <summary>After a check that found out what there is.</summary>
    /// <param name="random">From 0 to below 1.</param>
    public static AgentMemory Checked(AgentMemory memory, AgentSettings settings, AgentOffer offer, DateTimeOffset now, double random)
    {
        var next = now + Jittered(settings.Poll, settings, random);
        if (offer.NextTurn is { } turn && turn > now) next = Earlier(next, turn);
        return memory with
        {
            NextCheck = next,
            LastCheck = now,
            Failures = 0,
            Seen = offer.Version ?? memory.Seen,
            SeenSince = offer.Version is null || offer.Version == memory.Seen ? memory.SeenSince : now,
        };
    }

    /// <summary>After a check or an installation that failed: soon at first, then ever more seldom.</summary>
    /// <param name="random">From 0 to below 1.</param>
    public static AgentMemory Failed(AgentMemory memory, AgentSettings settings, bool wasInstall, DateTimeOffset now, double random)
    {
        var delay = FirstRetry * (1 << Math.Min(memory.Failures, MaximumDoublings));
        var next = now + Jittered(delay < settings.Poll ? delay : settings.Poll, settings, random);
        return wasInstall
            ? memory with { NotBefore = next, Failures = memory.Failures + 1 }
            : memory with { NextCheck = next, Failures = memory.Failures + 1 };
    }

    private static TimeSpan Jittered(TimeSpan time, AgentSettings settings, double random) =>
        time * (1 + settings.JitterPercent / 100.0 * (2 * random - 1));

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    private static string Words(TimeSpan time) =>
        time.TotalDays >= 1 ? $"{time.TotalDays:0.#} d" : time.TotalHours >= 1 ? $"{time.TotalHours:0.#} h" : $"{time.TotalMinutes:0.#} min";
}
