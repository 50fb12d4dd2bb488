using System.Text.Json;
using Firn.Cli;
using Firn.Formats.Boot;
using Firn.Formats.Releases;
using Firn.Machine.Boot;
using Firn.Tests.Machine;
using Firn.Tests.Trust;
using Firn.Trust.Metadata;
using Firn.Trust.Releases;

namespace Firn.Tests.Cli;

/// <summary>A machine whose image was made for a repository: what it takes, and from where.</summary>
public sealed class RepositoryVerbsTests : IDisposable
{
    private readonly Formats.ScratchDirectory _scratch = new();
    private readonly TestRepository _repository = new();
    private readonly FakeMachine _machine = new(TestDisk.Make(), "firn.slot=a firn.install=0 firn.confirmed=a");
    private readonly FixedClock _clock = new(TestRepository.Now);

    public RepositoryVerbsTests()
    {
        _repository.Delegate(RoleNames.Targets, "stable", isTerminating: true, "stable/*/*");
        Add("2");
        _repository.Publish(RoleNames.Targets, "stable");
        Prepare(_machine);
    }

    private void Prepare(FakeMachine machine)
    {
        var settings = new RepositorySettings([new Uri(_scratch.File("repository")).AbsoluteUri], "stable");
        machine.Write(RepositorySettings.SettingsPath, System.Text.Encoding.UTF8.GetString(settings.ToJson()));
        machine.Write(RepositorySettings.RootPath, System.Text.Encoding.UTF8.GetString(_repository.TrustedRoot));
        machine.Write("etc/machine-id", "5d41402abc4b2a76b9719d911017c592\n");
    }

    private void Add(string version, Func<ReleaseTerms, ReleaseTerms>? change = null, bool isDamaged = false)
    {
        var release = TestRelease.Make(version);
        var terms = new ReleaseTerms { Name = release.Manifest.Name, Version = version, Hardware = release.Manifest.Hardware };
        var directory = $"stable/test-os-{version}-test-pc";
        _repository.AddTarget("stable", $"{directory}/manifest.json", release.Manifest.ToJson(), (change?.Invoke(terms) ?? terms).ToCustom());
        _repository.AddTarget("stable", $"{directory}/{release.Manifest.Boot.File}", release.Boot);
        _repository.AddTarget("stable", $"{directory}/{release.Manifest.Root.File}", release.Root);
        if (!isDamaged) return;
        var place = _repository.Targets.Keys.Single(key => key.Contains(version) && key.EndsWith("squashfs", StringComparison.Ordinal));
        _repository.Targets[place] = [.. release.Root[..^1], (byte)~release.Root[^1]];
    }

    private (int Code, string Output, string Error) Run(params string[] arguments) => Run(_machine, arguments);

    private (int Code, string Output, string Error) Run(FakeMachine machine, params string[] arguments)
    {
        if (Directory.Exists(_scratch.File("repository"))) Directory.Delete(_scratch.File("repository"), recursive: true);
        _repository.WriteTo(_scratch.File("repository"));
        var (output, error) = (new StringWriter(), new StringWriter());
        return (CommandTree.Run(arguments, new(machine.Paths, _clock), output, error), output.ToString(), error.ToString());
    }

    private Slot? Trial => new GrubBootLoader(MachineDisk.OfRunningSystem(_machine.Paths)).Read().Trial?.Slot;

    [Fact]
    public void The_newest_release_is_found_and_installed()
    {
        Add("3", terms => terms with { MinimumVersion = "2" });
        _repository.Publish("stable");

        var check = Run("update", "check", "--explain");
        var install = Run("update", "install", "--json");

        Assert.Equal(0, check.Code);
        Assert.Contains("2 can be installed; 1 runs", check.Output);
        Assert.Contains("3 no: it follows 2 or newer, this machine runs 1", check.Output);
        Assert.Equal((0, ""), (install.Code, install.Error.Contains("exception") ? install.Error : ""));
        Assert.Equal("2", JsonDocument.Parse(install.Output).RootElement.GetProperty("version").GetString());
        Assert.Equal(Slot.B, Trial);
    }

    [Fact]
    public void In_rescue_what_ran_last_is_taken_again_and_nothing_that_is_older()
    {
        var content = TestDisk.Make(versionRescue: "1");
        TestDisk.Partition(content, DiskLayout.BootPartition(Slot.A))[..4096].Clear();
        using var machine = new FakeMachine(content, "firn.slot=rescue firn.confirmed=a", DiskLayout.RootPartition(Slot.Rescue));
        Prepare(machine);

        machine.Write("run/firn/rescue", "asked\n");
        Confirmed("3");
        Assert.Contains("2 no: it is older than 3, which runs", Run(machine, "update", "check", "--explain").Output);
        Confirmed("2");
        Assert.Contains("2 yes: it is what should run, and is damaged", Run(machine, "update", "check", "--explain").Output);
        machine.Write("run/firn/rescue.json", "{\"why\":\"lost\",\"activity\":\"waits\",\"ways\":[],\"problems\":[]}");
        Assert.Contains("rescue: lost; waits\n", Run(machine, "update", "status").Output);

        var install = Run(machine, "update", "install", _scratch.File("repository"));
        Assert.True(install.Code == 0, install.Error);
        Assert.Equal(Slot.B, new GrubBootLoader(MachineDisk.OfRunningSystem(machine.Paths)).Read().Trial?.Slot);

        void Confirmed(string version) => machine.Write(
            "data/firn/history.jsonl", $"{{\"time\":\"2026-01-01T00:00:00Z\",\"event\":\"confirmed\",\"slot\":\"a\",\"version\":\"{version}\"}}\n");
    }

    [Fact]
    public void When_there_is_nothing_to_install_scripts_see_it()
    {
        Add("2", terms => terms with { IsPaused = true });
        _repository.Publish("stable");

        var (code, output, _) = Run("update", "check", "--json");

        Assert.Equal(ExitCode.NothingToInstall, code);
        var check = JsonDocument.Parse(output).RootElement;
        Assert.Equal(JsonValueKind.Null, check.GetProperty("available").ValueKind);
        Assert.Equal("Paused", check.GetProperty("releases")[0].GetProperty("verdict").GetString());
        Assert.Equal(ExitCode.NothingToInstall, Run("update", "install").Code);
        Assert.Null(Trial);
    }

    [Fact]
    public void An_image_with_another_byte_is_refused_and_the_machine_stays_as_it_was()
    {
        Add("2", isDamaged: true);
        _repository.Publish("stable");

        var (code, _, error) = Run("update", "install");

        Assert.Equal(ExitCode.Untrusted, code);
        Assert.Contains("has SHA-256", error);
        Assert.Null(Trial);
    }

    [Fact]
    public void What_nobody_signed_is_taken_only_when_a_person_says_so()
    {
        var release = TestRelease.Make("9").WriteTo(_scratch.File("release"));

        var refused = Run("update", "install", release);
        var taken = Run("update", "install", release, "--unsigned");

        Assert.Equal(ExitCode.Refused, refused.Code);
        Assert.Contains("nobody signed it", refused.Error);
        Assert.Equal(0, taken.Code);
    }

    [Fact]
    public void A_bundle_is_installed_without_the_repository()
    {
        var bundle = _repository.BundleTo(_scratch.File("update.firn"));
        _repository.Targets.Clear();

        Assert.Equal(0, Run("update", "install", bundle).Code);
        Assert.Equal(Slot.B, Trial);
    }

    [Fact]
    public void A_stale_bundle_is_taken_offline_but_never_one_older_than_what_was_seen()
    {
        var old = _repository.BundleTo(_scratch.File("old.firn"));
        _repository.Publish("stable");
        var stale = _repository.BundleTo(_scratch.File("stale.firn"));
        Assert.Equal(0, Run("update", "check").Code);
        _clock.Now = TestRepository.Now.AddDays(40);    // timestamp and snapshot are over, targets are not

        var refused = Run("update", "install", stale);
        var backwards = Run("update", "install", old, "--offline");

        Assert.Equal((ExitCode.Untrusted, true), (refused.Code, refused.Error.Contains("expired")));
        Assert.Equal((ExitCode.Untrusted, true), (backwards.Code, backwards.Error.Contains("was believed before")));
        Assert.Null(Trial);
        Assert.Equal(0, Run("update", "install", stale, "--offline").Code);
        Assert.Equal(Slot.B, Trial);
    }

    [Fact]
    public void A_bundle_never_brings_an_older_version()
    {
        Add("0.9");
        Add("2", terms => terms with { Revoked = "eats disks" });
        _repository.Publish("stable");

        var (code, output, _) = Run("update", "install", _repository.BundleTo(_scratch.File("x.firn")), "--offline");

        Assert.Equal(ExitCode.NothingToInstall, code);
        Assert.Contains("nothing newer", output);
    }

    [Fact]
    public void One_release_that_cannot_be_understood_does_not_hold_up_the_others()
    {
        _repository.AddTarget("stable", "stable/odd/manifest.json", [1], JsonObject.Of([new("firn", JsonObject.Of([new("version", 3)]))]));
        _repository.Publish("stable");

        var (code, output, error) = Run("update", "check");

        Assert.Equal(0, code);
        Assert.Contains("2 can be installed", output);
        Assert.Equal("warning: stable/odd/manifest.json: firn.name is missing\n", error);
    }

    [Fact]
    public void A_machine_without_a_machine_id_only_misses_releases_with_waves()
    {
        File.Delete(_machine.Paths.MachineId);
        var wave = new RolloutWave(TestRepository.Now.AddDays(-1), TestRepository.Now.AddHours(-1), 1000);
        Add("3", terms => terms with { Rollout = new("r", [wave]) });
        _repository.Publish("stable");

        var (code, output, _) = Run("update", "check", "--explain");

        Assert.Equal(0, code);
        Assert.Contains("2 can be installed; 1 runs", output);
        Assert.Contains("3 no: its rollout has waves, and this machine has no machine id to have a place in them", output);
        Assert.Contains("3 can be installed", Run("update", "check", "--ignore-waves").Output);
    }

    [Fact]
    public void A_person_names_other_hosts_and_need_not_name_the_channel()
    {
        _machine.Write("etc/firn/repository.json", $$"""{"urls": ["{{new Uri(_scratch.File("repository")).AbsoluteUri}}"]}""");

        Assert.Equal("stable", JsonDocument.Parse(Run("update", "check", "--json").Output).RootElement.GetProperty("channel").GetString());
        Assert.Equal("edge", RepositorySettings.Read("""{"urls": ["file:///x"]}"""u8, "x", new(["file:///y"], "edge")).Channel);
        Assert.Equal("stable", RepositorySettings.Read("""{"urls": ["file:///x"]}"""u8, "x").Channel);
    }

    [Fact]
    public void A_clock_that_was_set_back_makes_nothing_good_that_has_expired()
    {
        _clock.Now = TestRepository.Now.AddHours(20);
        Assert.Equal(0, Run("update", "check").Code);
        _clock.Now = new(1970, 1, 1, 0, 0, 5, TimeSpan.Zero);
        var behind = Run("update", "check");
        _repository.Timestamp = _repository.Timestamp with { Expires = TestRepository.Now.AddHours(19) };
        _repository.PublishTimestamp();
        var expired = Run("update", "check");

        Assert.Equal(0, behind.Code);
        Assert.Contains("warning: the clock of this machine says 1970-01-01 00:00:05Z, and it was 2027-03-02 08:00:00Z before", behind.Error);
        Assert.Equal(ExitCode.Untrusted, expired.Code);
        Assert.Contains("timestamp: version 3 expired on 2027-03-02 07:00:00Z", expired.Error);
    }

    [Fact]
    public void A_clock_that_was_far_ahead_does_no_lasting_harm()
    {
        Assert.Equal(0, Run("update", "check").Code);
        _clock.Now = TestRepository.Now.AddYears(20);
        Assert.Equal(ExitCode.Untrusted, Run("update", "check").Code);
        _clock.Now = TestRepository.Now.AddHours(1);

        Assert.Equal((0, ""), (Run("update", "check").Code, Run("update", "check").Error));
    }

    [Fact]
    public void A_mirror_with_a_damaged_image_only_costs_time()
    {
        var urls = new[] { "damaged", "repository" }.Select(name => $"\"{new Uri(_scratch.File(name)).AbsoluteUri}\"");
        _machine.Write("etc/firn/repository.json", $$"""{"urls": [{{string.Join(",", urls)}}]}""");
        var place = _repository.Targets.Keys.Single(key => key.EndsWith("squashfs", StringComparison.Ordinal));
        var image = _repository.Targets[place];
        _repository.Targets[place] = [.. image[..^1], (byte)~image[^1]];
        _repository.WriteTo(_scratch.File("damaged"));
        _repository.Targets[place] = image;

        var (code, _, error) = Run("update", "install");

        Assert.Equal(0, code);
        Assert.Matches("warning: .*has SHA-256 .*; asking another mirror", error);
        Assert.Equal(Slot.B, Trial);
    }

    [Fact]
    public void A_machine_without_a_repository_says_so()
    {
        File.Delete(_machine.Paths.TrustedRoot);

        Assert.Equal(ExitCode.Refused, Run("update", "check").Code);
        Assert.Equal(ExitCode.Refused, Run("update", "install").Code);
        Assert.Equal(ExitCode.Refused, Run("update", "install", _repository.BundleTo(_scratch.File("x.firn"))).Code);
        Assert.Equal(0, Run("update", "install", TestRelease.Make("9").WriteTo(_scratch.File("release"))).Code);
    }

    [Fact]
    public void A_bundle_for_another_repository_is_worth_nothing()
    {
        var other = new TestRepository();
        other.Publish(RoleNames.Targets);

        var (code, _, error) = Run("update", "install", other.BundleTo(_scratch.File("x.firn")));

        Assert.Equal(ExitCode.Untrusted, code);
        Assert.Contains("signed by 0 of the 1 keys", error);
    }

    public void Dispose()
    {
        _machine.Dispose();
        _scratch.Dispose();
    }
}
