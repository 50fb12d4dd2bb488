namespace Firn.Agent.Policy;

/// <summary>What the repository has for this machine, as of the last check of this run.</summary>
/// <param name="Version">That can be installed; null for none.</param>
/// <param name="NextTurn">When it is this machine's turn for one that it waits for.</param>
public sealed record AgentOffer(string? Version, DateTimeOffset? NextTurn);

/// <summary>What is true when a decision is made.</summary>
/// <param name="Running">Version of the system that runs; null if it cannot be read.</param>
/// <param name="IsConfirmed">It has proved itself.</param>
/// <param name="Pending">Version that is installed and boots next, on trial; null for none.</param>
/// <param name="Offer">Null before the first check.</param>
/// <param name="FailedTrials">Of the offered version, as far as they count.</param>
/// <param name="WhyFailed">The last of them.</param>
/// <param name="IsMetered">Traffic costs money now.</param>
/// <param name="IsSignalled">The file that allows a restart is there.</param>
/// <param name="HeldLock">A file that another program has locked against a restart; null for none.</param>
public sealed record AgentFacts(
    DateTimeOffset Now, string? Running = null, bool IsConfirmed = true, string? Pending = null, AgentOffer? Offer = null,
    int FailedTrials = 0, string? WhyFailed = null, bool IsMetered = false, bool IsSignalled = false, string? HeldLock = null);
