using System.Collections.Immutable;
using System.Globalization;

namespace Firn.Trust.Releases;

/// <summary>What a machine makes of all releases of its channel.</summary>
/// <param name="Chosen">The newest that it takes now; null if there is none.</param>
/// <param name="Judgements">One for each release, newest first.</param>
/// <param name="RunningRevoked">Why what runs should not run any more; null if nobody says so.</param>
public sealed record ReleaseChoice(
    AvailableRelease? Chosen, ImmutableArray<ReleaseJudgement> Judgements, string? RunningRevoked)
{
    /// <param name="releases">All of a channel.</param>
    /// <param name="machine">Who asks.</param>
    /// <param name="now">For waves.</param>
    /// <param name="waves">Whether the machine waits for its turn.</param>
    public static ReleaseChoice Of(
        IEnumerable<AvailableRelease> releases, MachineFacts machine, DateTimeOffset now, WavePolicy waves)
    {
        var newestFirst = releases.OrderByDescending(release => release.Terms.Version, ReleaseOrder.Instance)
            .ThenBy(release => release.Manifest.Path, StringComparer.Ordinal).ToArray();
        var judgements = newestFirst.Select(release => Judge(release, machine, now, waves)).ToImmutableArray();
        var chosen = Array.FindIndex([.. judgements], judgement => judgement.Verdict == ReleaseVerdict.Takes);
        var running = newestFirst.FirstOrDefault(release => Concerns(release.Terms, machine) && release.Terms.Version == machine.Version);
        return new(chosen < 0 ? null : newestFirst[chosen], judgements, running?.Terms.Revoked);
    }

    private static bool Concerns(ReleaseTerms terms, MachineFacts machine) =>
        terms.Hardware == machine.Hardware && terms.Name == machine.Name;

    private static ReleaseJudgement Judge(AvailableRelease release, MachineFacts machine, DateTimeOffset now, WavePolicy waves)
    {
        var terms = release.Terms;
        var turn = machine.Id is { } id ? terms.Rollout?.TurnOf(id) : null;
        var (verdict, reason) = Judge(terms, machine, turn, now, waves);
        return new(release.Manifest.Path, terms.Version, verdict, reason, turn, terms.Notes);
    }

    private static (ReleaseVerdict Verdict, string Reason) Judge(
        ReleaseTerms terms, MachineFacts machine, DateTimeOffset? turn, DateTimeOffset now, WavePolicy waves)
    {
        if (terms.Hardware != machine.Hardware)
            return (ReleaseVerdict.OtherHardware, $"it is for {terms.Hardware}, this machine is {machine.Hardware}");
        if (terms.Name != machine.Name) return (ReleaseVerdict.OtherName, $"it is {terms.Name}, this machine runs {machine.Name}");
        if (terms.Revoked is { } why) return (ReleaseVerdict.Revoked, $"it was revoked: {why}");
        var order = ReleaseOrder.Instance.Compare(terms.Version, machine.Version);
        if (order == 0 && !machine.IsDamaged) return (ReleaseVerdict.Runs, "it runs already");
        if (order < 0) return (ReleaseVerdict.Older, $"it is older than {machine.Version}, which runs");
        if (terms.IsPaused) return (ReleaseVerdict.Paused, "its rollout is paused");
        // it was this machine's turn once
        if (order == 0) return (ReleaseVerdict.Takes, "it is what should run, and is damaged");
        if (terms.MinimumVersion is { } minimum && ReleaseOrder.IsNewer(minimum, machine.Version))
            return (ReleaseVerdict.TooFar, $"it follows {minimum} or newer, this machine runs {machine.Version}");
        if (terms.Rollout is not { } rollout || waves == WavePolicy.Ignore) return (ReleaseVerdict.Takes, "it is newer than what runs");
        if (machine.Id is not { } id) return (ReleaseVerdict.NoTurn, "its rollout has waves, and this machine has no machine id to have a place in them");
        var place = (int)(rollout.PlaceOf(id) * 1000);
        if (turn is not { } time) return (ReleaseVerdict.NoTurn, $"no wave reaches place {place} of 1000, which is this machine's");
        return time <= now
            ? (ReleaseVerdict.Takes, $"it is newer than what runs, and the turn of place {place} of 1000 has come")
            : (ReleaseVerdict.NotYet, string.Create(
                CultureInfo.InvariantCulture, $"the turn of place {place} of 1000, which is this machine's, comes on {time.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z"));
    }
}
