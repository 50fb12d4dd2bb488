using Firn.Agent.Policy;
using Firn.Formats.Agents;
using Firn.Linux.Files;

namespace Firn.Agent.Service;

/// <summary>What the agent knows and remembers. Only its loop changes it, message by message; each change is kept at once.</summary>
/// <param name="random">From 0 to below 1.</param>
internal sealed class AgentState(AgentSettings settings, IAgentMachine machine, string memoryFile, TimeProvider clock, Func<double> random)
{
    private AgentMemory _memory = File.Exists(memoryFile) ? AgentMemory.Read(File.ReadAllBytes(memoryFile)) : new();
    private AgentOffer? _offer;
    private MachineStanding _standing = machine.Standing();
    private string? _problem;
    private int _checks, _failedChecks, _installs, _failedInstalls;

    public AgentStep Next()
    {
        var now = clock.GetUtcNow();
        _standing = machine.Standing();
        Remember(AgentPolicy.WithoutFuture(_memory, settings, now));
        var failed = _offer?.Version is { } version ? machine.FailedTrials(version, _memory.RetryFrom) : new(0, null);
        var facts = new AgentFacts(
            now, _standing.Running, _standing.IsConfirmed, _standing.Pending, _offer, failed.Count, failed.Reason,
            _offer?.Version is { } offered && offered != _standing.Pending && machine.IsMetered(),
            settings.Reboot != RebootStrategy.Signal || machine.IsRebootSignalled(), _standing.Pending is null ? null : machine.HeldLock());
        return AgentPolicy.Next(_memory, settings, facts);
    }

    /// <summary>What is told of it, for the journal; null if there is nothing to tell.</summary>
    public string? Apply(AgentMessage.Checked ended)
    {
        _checks++;
        _problem = ended.Problem;
        if (ended.Offer is not { } offer)
        {
            _failedChecks++;
            Remember(AgentPolicy.Failed(_memory, settings, wasInstall: false, clock.GetUtcNow(), random()));
            return $"check failed: {ended.Problem}";
        }
        var news = offer.Version is not null && offer.Version != _offer?.Version ? $"{offer.Version} can be installed" : null;
        _offer = offer;
        Remember(AgentPolicy.Checked(_memory, settings, offer, clock.GetUtcNow(), random()));
        return news;
    }

    public string Apply(AgentMessage.Installed ended)
    {
        _installs++;
        _problem = ended.Problem;
        if (ended.Problem is null)
        {
            Remember(_memory with { Failures = 0, NotBefore = null, Downloaded = ended.Step.IsDownloadOnly ? ended.Step.Version : null });
            return $"{ended.Step.Version} is {(ended.Step.IsDownloadOnly ? "downloaded" : "installed")}";
        }
        _failedInstalls++;
        Remember(AgentPolicy.Failed(_memory with { Downloaded = null }, settings, wasInstall: true, clock.GetUtcNow(), random()));
        return $"{(ended.Step.IsDownloadOnly ? "downloading" : "installing")} {ended.Step.Version} failed: {ended.Problem}";
    }

    /// <returns>Why it cannot be done; null if it was.</returns>
    public string? Apply(AgentRequest request)
    {
        switch (request)
        {
            case { Verb: AgentVerb.CheckNow }:
                Remember(_memory with { NextCheck = null, NotBefore = null });
                return null;
            case { Verb: AgentVerb.Hold, Until: { } until } when until <= clock.GetUtcNow():
                return "the hold would have ended already";
            case { Verb: AgentVerb.Hold }:
                Remember(_memory with { Hold = new(request.Reason ?? "by hand", request.Until) });
                return null;
            case { Verb: AgentVerb.Release }:
                Remember(_memory with { Hold = null });
                return null;
            case { Verb: AgentVerb.Pin, Version: { Length: > 0 } version }:
                Remember(_memory with { Pin = version });
                return null;
            case { Verb: AgentVerb.Pin }:
                return "pin: to which version?";
            case { Verb: AgentVerb.Unpin }:
                Remember(_memory with { Pin = null });
                return null;
            case { Verb: AgentVerb.Retry }:
                Remember(_memory with { RetryFrom = clock.GetUtcNow(), NotBefore = null, NextCheck = null });
                return null;
            default:
                return null;
        }
    }

    /// <param name="activity">In a word.</param>
    public AgentStatus Status(string activity, AgentStep.Wait? wait)
    {
        var now = clock.GetUtcNow();
        var hold = _memory.Hold is { } held && !(held.Until <= now) ? held : null;
        return new(
            now, _standing.Slot, _standing.Running, _standing.IsConfirmed, _standing.Pending, _offer?.Version, activity, wait?.Why, wait?.Until,
            _memory.LastCheck, _memory.NextCheck, _problem, hold?.Reason, hold?.Until, _memory.Pin, _memory.Downloaded, _checks, _failedChecks, _installs, _failedInstalls, machine.Verity);
    }

    private void Remember(AgentMemory memory)
    {
        if (memory == _memory) return;
        _memory = memory;
        DurableFile.Replace(memoryFile, memory.ToJson());
    }
}
