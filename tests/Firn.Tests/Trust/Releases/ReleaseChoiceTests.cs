using Firn.Trust.Metadata;
using Firn.Trust.Releases;

namespace Firn.Tests.Trust.Releases;

public sealed class ReleaseChoiceTests
{
    private static readonly DateTimeOffset Monday = new(2027, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly MachineFacts Machine = new("box", "1.2.0", "x86-64", "5d41402abc4b2a76b9719d911017c592");

    [Theory]
    [InlineData("1.10", "1.9")]
    [InlineData("1.0.1", "1.0")]
    [InlineData("2.0", "2.0~rc1")]
    [InlineData("2.0~rc2", "2.0~rc1")]
    [InlineData("1.0-2", "1.0-1")]
    [InlineData("1.0+git5", "1.0")]
    [InlineData("1.0b", "1.0a")]
    [InlineData("2026.11.021", "2026.11.3")]
    public void Newer_is_newer_and_older_is_older(string newer, string older)
    {
        Assert.True(ReleaseOrder.IsNewer(newer, older));
        Assert.False(ReleaseOrder.IsNewer(older, newer));
    }

    [Fact]
    public void The_newest_that_fits_is_chosen_and_every_other_is_explained()
    {
        var choice = Choose(
            Terms("1.1.0"), Terms("1.2.0"), Terms("1.3.0"), Terms("1.4.0"),
            Terms("9.0") with { Hardware = "arm64" },
            Terms("9.1") with { Name = "fridge" },
            Terms("9.2") with { Revoked = "eats disks" },
            Terms("9.3") with { IsPaused = true },
            Terms("9.4") with { MinimumVersion = "1.3.0" });

        Assert.Equal("1.4.0", choice.Chosen!.Terms.Version);
        Assert.Equal(
            [
                ("9.4", ReleaseVerdict.TooFar), ("9.3", ReleaseVerdict.Paused), ("9.2", ReleaseVerdict.Revoked),
                ("9.1", ReleaseVerdict.OtherName), ("9.0", ReleaseVerdict.OtherHardware), ("1.4.0", ReleaseVerdict.Takes),
                ("1.3.0", ReleaseVerdict.Takes), ("1.2.0", ReleaseVerdict.Runs), ("1.1.0", ReleaseVerdict.Older),
            ],
            choice.Judgements.Select(judgement => (judgement.Version, judgement.Verdict)));
        Assert.Equal("it was revoked: eats disks", choice.Judgements[2].Reason);
    }

    [Fact]
    public void A_damaged_system_takes_its_own_version_again_unless_that_was_stopped_and_never_an_older_one()
    {
        var damaged = Machine with { IsDamaged = true };
        Assert.Equal(ReleaseVerdict.Takes, Verdict(Terms("1.2.0"), damaged));
        Assert.Equal(ReleaseVerdict.Runs, Verdict(Terms("1.2.0"), Machine));
        Assert.Equal(ReleaseVerdict.Takes, Verdict(Terms("1.2.0") with { Rollout = new("r1", []) }, damaged with { Id = null }));
        Assert.Equal(ReleaseVerdict.Paused, Verdict(Terms("1.2.0") with { IsPaused = true }, damaged));
        Assert.Equal(ReleaseVerdict.Revoked, Verdict(Terms("1.2.0") with { Revoked = "eats disks" }, damaged));
        Assert.Equal(ReleaseVerdict.Older, Verdict(Terms("1.1.9"), damaged));
        Assert.Equal(ReleaseVerdict.OtherHardware, Verdict(Terms("1.2.0") with { Hardware = "arm64" }, damaged));

        static ReleaseVerdict Verdict(ReleaseTerms terms, MachineFacts machine) => Assert.Single(Choose(machine, Monday, WavePolicy.Wait, terms).Judgements).Verdict;
    }

    [Fact]
    public void A_revoked_version_that_runs_is_told_and_nothing_goes_back()
    {
        var choice = Choose(Terms("1.1.0"), Terms("1.2.0") with { Revoked = "eats disks" });

        Assert.Null(choice.Chosen);
        Assert.Equal("eats disks", choice.RunningRevoked);
    }

    [Fact]
    public void A_machine_waits_for_its_turn_and_then_takes_it()
    {
        var rollout = new Rollout("r1", [new(Monday, Monday.AddHours(10), 100), new(Monday.AddDays(1), Monday.AddDays(2), 1000)]);
        var terms = Terms("1.3.0") with { Rollout = rollout };
        var turn = rollout.TurnOf(Machine.Id!)!.Value;

        Assert.Equal(ReleaseVerdict.NotYet, Choose(turn.AddSeconds(-1), WavePolicy.Wait, terms).Judgements[0].Verdict);
        Assert.Equal(turn, Choose(turn.AddSeconds(-1), WavePolicy.Wait, terms).Judgements[0].Turn);
        Assert.NotNull(Choose(turn, WavePolicy.Wait, terms).Chosen);
        Assert.NotNull(Choose(turn.AddSeconds(-1), WavePolicy.Ignore, terms).Chosen);
    }

    [Fact]
    public void Turns_are_spread_evenly_over_each_wave()
    {
        var rollout = new Rollout("r1", [new(Monday, Monday.AddHours(1), 200), new(Monday.AddHours(10), Monday.AddHours(14), 600)]);
        var turns = Enumerable.Range(0, 20_000).Select(machine => rollout.TurnOf($"machine {machine}")).ToArray();

        Assert.InRange(turns.Count(turn => turn is null), 7_700, 8_300);
        Assert.InRange(turns.Count(turn => turn < Monday.AddMinutes(30)), 1_850, 2_150);
        Assert.InRange(turns.Count(turn => turn < Monday.AddHours(1)), 3_800, 4_200);
        Assert.InRange(turns.Count(turn => turn < Monday.AddHours(12)), 7_700, 8_300);
        Assert.DoesNotContain(turns, turn => turn > Monday.AddHours(14) || turn < Monday);
    }

    [Fact]
    public void Another_rollout_has_another_order()
    {
        var places = Enumerable.Range(0, 1000).Select(machine => $"m{machine}")
            .Count(machine => new Rollout("r1", []).PlaceOf(machine) < 0.1 && new Rollout("r2", []).PlaceOf(machine) < 0.1);
        Assert.InRange(places, 1, 30);
    }

    [Fact]
    public void Terms_survive_being_written_and_read()
    {
        var terms = Terms("1.3.0") with
        {
            MinimumVersion = "1.0",
            IsPaused = true,
            Revoked = "why",
            Notes = "what",
            Rollout = new("id", [new(Monday, Monday.AddHours(1), 10), new(Monday, Monday, 1000)]),
        };
        Assert.Equal(terms, ReleaseTerms.Read(terms.ToCustom()));
        Assert.Null(ReleaseTerms.Read(JsonObject.Empty));
        Assert.Null(ReleaseTerms.Read(null));
    }

    private static ReleaseTerms Terms(string version) => new() { Name = "box", Version = version, Hardware = "x86-64" };

    private static ReleaseChoice Choose(params ReleaseTerms[] terms) => Choose(Monday, WavePolicy.Wait, terms);

    private static ReleaseChoice Choose(DateTimeOffset now, WavePolicy waves, params ReleaseTerms[] terms) => Choose(Machine, now, waves, terms);

    private static ReleaseChoice Choose(MachineFacts machine, DateTimeOffset now, WavePolicy waves, params ReleaseTerms[] terms) => ReleaseChoice.Of(
        terms.Select(entry => new AvailableRelease(new($"stable/{entry.Version}/manifest.json", new(1, FileHashes.Of([1])), "stable"), entry)),
        machine, now, waves);
}
