using Firn.Formats.Boot;
using Firn.Machine.Boot;
using Firn.Machine.Updates;

namespace Firn.Tests.Machine.Updates;

public sealed class UpdateControlTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly string _root = Directory.CreateTempSubdirectory("firn-control-").FullName;
    private readonly List<string> _log = [];
    private int _reboots;

    private MachinePaths Paths => new(_root);

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static RecordingDisk Disk(BootState state, Slot running, bool isTrial = false) => new(
        TestDisk.Make(state, versionB: "2", versionRescue: "r"), new(running, isTrial, 0, state.Confirmed, null));

    private UpdateControl Over(RecordingDisk disk) => new(disk, new GrubBootLoader(disk), Paths, TimeProvider.System);

    private ConfirmResult ConfirmWhenHealthy(RecordingDisk disk, params HealthResult[] health) => Over(disk).ConfirmWhenHealthy(
        [.. health.Select((result, i) => new FakeCheck($"check {i}", result))], Limit, () => _reboots++, _log.Add);

    private static BootState StateOf(RecordingDisk disk) => new GrubBootLoader(disk).Read();

    [Fact]
    public void A_healthy_trial_is_confirmed()
    {
        var disk = Disk(new(Slot.A, new(Slot.B, 0), 0, 1), Slot.B, isTrial: true);

        var result = ConfirmWhenHealthy(disk, new HealthResult.Healthy(), new HealthResult.NotApplicable("no systemd"));

        Assert.Equal(new(ConfirmOutcome.Confirmed, Slot.B, null), result);
        Assert.Equal(new(Slot.B, null, 0, 1), StateOf(disk));
        Assert.True(File.Exists(Paths.Healthy));
        Assert.Equal(0, _reboots);
        Assert.Equal(["check 0: healthy", "check 1: skipped, no systemd"], _log);
        Assert.False(File.Exists(Paths.TrialStage));
        Assert.Equal((HistoryEvent.Confirmed, Slot.B, "2"), Last(disk));
    }

    [Fact]
    public void An_unhealthy_trial_is_given_up_and_the_next_boot_records_why()
    {
        var disk = Disk(new(Slot.A, new(Slot.B, 2), 0, 1), Slot.B, isTrial: true);

        var result = ConfirmWhenHealthy(disk, new HealthResult.Unhealthy("database: no answer"));

        Assert.Equal(new(ConfirmOutcome.TrialAbandoned, Slot.B, "database: no answer"), result);
        Assert.Equal(1, _reboots);
        Assert.False(File.Exists(Paths.Healthy));
        Assert.Equal(Slot.A, StateOf(disk).Next);

        // the machine restarts
        var next = Disk(StateOf(disk), Slot.A);
        Assert.Equal(
            new(ConfirmOutcome.TrialFailureRecorded, Slot.B, "database: no answer"),
            ConfirmWhenHealthy(next, new HealthResult.Unhealthy("not asked on a confirmed boot")));
        Assert.Equal(new(Slot.A, null, 0, 1), StateOf(next));
        Assert.Equal("database: no answer", Over(next).Status().Last!.Reason);
        Assert.True(File.Exists(Paths.Healthy));
        Assert.Equal(1, _reboots);
    }

    [Fact]
    public void A_deadline_that_passes_is_a_failure()
    {
        var disk = Disk(new(Slot.A, new(Slot.B, 2)), Slot.B, isTrial: true);

        var result = Over(disk).ConfirmWhenHealthy(
            [new FakeCheck("check", new HealthResult.Healthy())], TimeSpan.FromSeconds(-1), () => _reboots++, _log.Add);

        Assert.Equal(ConfirmOutcome.TrialAbandoned, result.Outcome);
        Assert.Contains("deadline", result.Reason);
    }

    [Theory]
    [InlineData(null, "before its initramfs")]
    [InlineData("root", "'root'")]
    [InlineData("switch-root\n", "'switch-root'")]
    [InlineData("userland", "'userland'")]
    [InlineData("later-stage", "'later-stage'")]
    public void A_trial_that_left_no_reason_tells_how_far_it_came(string? stage, string expected)
    {
        if (stage is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Paths.TrialStage)!);
            File.WriteAllText(Paths.TrialStage, stage);
        }

        Assert.Contains(expected, ConfirmWhenHealthy(Disk(new(Slot.A, new(Slot.B, 0)), Slot.A)).Reason);
        Assert.False(File.Exists(Paths.TrialStage));
    }

    [Fact]
    public void What_GRUB_could_not_load_is_reported_as_that()
    {
        var result = ConfirmWhenHealthy(Disk(new(Slot.A, new(Slot.B, 2), LoadFailed: true), Slot.A));

        Assert.Equal(new(ConfirmOutcome.TrialFailureRecorded, Slot.B, "GRUB could not load its kernel or initramfs"), result);
    }

    [Fact]
    public void A_trial_that_has_not_begun_is_left_alone()
    {
        var disk = Disk(new(Slot.A, new(Slot.B, 3)), Slot.A);

        Assert.Equal(ConfirmOutcome.AlreadyConfirmed, ConfirmWhenHealthy(disk).Outcome);
        Assert.Equal(ConfirmOutcome.AlreadyConfirmed, Over(disk).Confirm().Outcome);

        Assert.Equal(Slot.B, StateOf(disk).Next);
        Assert.Empty(disk.Operations);
    }

    [Fact]
    public void The_rescue_system_is_never_confirmed_and_runs_once()
    {
        var disk = Disk(new(Slot.A, new(Slot.Rescue, 2)), Slot.Rescue, isTrial: true);

        Assert.Equal(ConfirmOutcome.NothingToConfirm, ConfirmWhenHealthy(disk, new HealthResult.Healthy()).Outcome);

        Assert.Equal(new(Slot.A), StateOf(disk));
        Assert.Throws<RefusedException>(() => Over(disk).Confirm());
        Assert.Throws<RefusedException>(() => Over(disk).Rollback(TestContext.Current.CancellationToken));
        Assert.True(File.Exists(Paths.Healthy));
    }

    [Fact]
    public void A_trial_given_up_by_hand_is_not_confirmed_by_checks_that_end_later()
    {
        var disk = Disk(new(Slot.A, new(Slot.B, 0)), Slot.B, isTrial: true);
        var meanwhile = new FakeCheck("slow", new HealthResult.Healthy(), () => Over(disk).Rollback(TestContext.Current.CancellationToken));

        Assert.Throws<RefusedException>(() => Over(disk).ConfirmWhenHealthy([meanwhile], Limit, () => _reboots++, _log.Add));

        Assert.Equal(new(Slot.A), StateOf(disk));
        Assert.False(File.Exists(Paths.Healthy));
    }

    [Fact]
    public void A_trial_confirmed_by_hand_stays_confirmed_whatever_the_checks_say()
    {
        var disk = Disk(new(Slot.A, new(Slot.B, 0)), Slot.B, isTrial: true);
        var meanwhile = new FakeCheck("slow", new HealthResult.Unhealthy("no"), () => Over(disk).Confirm());

        Over(disk).ConfirmWhenHealthy([meanwhile], Limit, () => _reboots++, _log.Add);

        Assert.Equal(new(Slot.B), StateOf(disk));
        Assert.Equal(0, _reboots);
    }

    [Fact]
    public void Confirming_by_hand_lets_the_guard_go()
    {
        var disk = Disk(new(Slot.A, new(Slot.B, 0)), Slot.B, isTrial: true);

        Assert.Equal(ConfirmOutcome.Confirmed, Over(disk).Confirm().Outcome);

        Assert.Equal(new(Slot.B), StateOf(disk));
        Assert.True(File.Exists(Paths.Healthy));
    }

    [Fact]
    public void A_running_trial_can_be_given_up()
    {
        var disk = Disk(new(Slot.A, new(Slot.B, 2)), Slot.B, isTrial: true);

        var result = Over(disk).Rollback(TestContext.Current.CancellationToken);

        Assert.Equal(new(RollbackOutcome.TrialAbandoned, Slot.A, "1", NeedsReboot: true), result);
        Assert.Equal(new(Slot.A), StateOf(disk));
        Assert.Equal((HistoryEvent.RolledBack, Slot.B, "2"), Last(disk));
    }

    [Fact]
    public void A_trial_that_has_not_begun_can_be_cancelled()
    {
        var disk = Disk(new(Slot.A, new(Slot.B, 3)), Slot.A);

        Assert.Equal(
            new(RollbackOutcome.TrialCancelled, Slot.A, "1", NeedsReboot: false),
            Over(disk).Rollback(TestContext.Current.CancellationToken));
        Assert.Equal(new(Slot.A), StateOf(disk));
    }

    [Fact]
    public void A_confirmed_system_goes_back_to_the_other_if_that_is_complete()
    {
        var disk = Disk(new(Slot.B, null, 0, 1), Slot.B);

        Assert.Equal(
            new(RollbackOutcome.Switched, Slot.A, "1", NeedsReboot: true),
            Over(disk).Rollback(TestContext.Current.CancellationToken));
        Assert.Equal(new(Slot.A, null, 0, 1), StateOf(disk));
    }

    [Fact]
    public void There_is_no_way_back_to_a_damaged_system()
    {
        var disk = Disk(new(Slot.B), Slot.B);
        TestDisk.Partition(disk.Content, DiskLayout.RootPartition(Slot.A))[5] ^= 1;

        Assert.Contains("no complete system", Assert.Throws<RefusedException>(
            () => Over(disk).Rollback(TestContext.Current.CancellationToken)).Message);
        Assert.Equal(new(Slot.B), StateOf(disk));
    }

    [Fact]
    public void An_installation_forgets_the_notes_of_the_trial_before()
    {
        var disk = Disk(new(Slot.A), Slot.A);
        new TrialNotes(Paths).GaveUp("old");

        Over(disk).RecordInstall(Slot.B, "3");

        Assert.False(File.Exists(Paths.TrialReason));
        Assert.Equal((HistoryEvent.Installed, Slot.B, "3"), Last(disk));
    }

    [Fact]
    public void A_system_that_runs_without_confirmation_or_trial_needs_a_person()
    {
        var disk = Disk(new(Slot.A), Slot.B);

        Assert.Contains("by hand", Assert.Throws<RefusedException>(() => ConfirmWhenHealthy(disk, new HealthResult.Healthy())).Message);
        Assert.False(Over(disk).Status().IsConfirmed);
        Assert.Equal(ConfirmOutcome.Confirmed, Over(disk).Confirm().Outcome);
    }

    private (HistoryEvent, Slot, string?) Last(RecordingDisk disk) =>
        Over(disk).History()[^1] is var last ? (last.Event, last.Slot, last.Version) : default;

    private sealed class FakeCheck(string name, HealthResult result, Action? meanwhile = null) : IHealthCheck
    {
        public string Name => name;

        public HealthResult Run(TimeSpan limit)
        {
            Assert.InRange(limit, TimeSpan.FromTicks(1), Limit);
            meanwhile?.Invoke();
            return result;
        }
    }
}
