using System.Collections.Immutable;
using Firn.Trust.Client;
using Firn.Trust.Releases;

namespace Firn.Machine.Updates;

/// <summary>What a repository has for this machine. Keeps the repository open, so that what was chosen can be installed.</summary>
public sealed class UpdateOffer(TrustClient client, IDisposable held, UpdateCheck check, AvailableRelease? chosen) : IDisposable
{
    public UpdateCheck Check => check;

    /// <summary>The release that was chosen; null if there is none.</summary>
    public IReleaseSource? Release => chosen is null ? null : new TrustedReleaseSource(client, chosen);

    /// <summary>Whether installing again may help, after what came was not what is signed: there are mirrors that sent nothing wrong.</summary>
    public bool TurnToOtherMirrors() => client.TurnToOtherMirrors();

    /// <summary>What went wrong since the check, and did not matter.</summary>
    public IEnumerable<string> LaterProblems => client.Problems.Except(check.Problems);

    public void Dispose()
    {
        client.Dispose();
        held.Dispose();
    }
}

/// <summary>What <c>firn update check</c> tells.</summary>
/// <param name="Channel">Whose releases were judged.</param>
/// <param name="Running">The version that runs.</param>
/// <param name="Available">The version that can be installed now; null for none.</param>
/// <param name="NextTurn">When it is this machine's turn for the newest release that it waits for; null if it waits for none.</param>
/// <param name="RunningRevoked">Why what runs should not run any more; null if nobody says so.</param>
/// <param name="Releases">Every release of the channel, newest first.</param>
/// <param name="Problems">What was wrong and did not matter: mirrors that failed, releases that cannot be understood.</param>
public sealed record UpdateCheck(
    string Channel, string Running, string? Available, DateTimeOffset? NextTurn, string? RunningRevoked,
    ImmutableArray<ReleaseJudgement> Releases, ImmutableArray<string> Problems)
{
    public static UpdateCheck Of(string channel, MachineFacts machine, ReleaseChoice choice, ImmutableArray<string> problems) => new(
        channel, machine.Version, choice.Chosen?.Terms.Version,
        choice.Judgements.FirstOrDefault(judgement => judgement.Verdict == ReleaseVerdict.NotYet)?.Turn,
        choice.RunningRevoked, choice.Judgements, problems);
}
