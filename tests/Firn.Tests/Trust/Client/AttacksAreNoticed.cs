using Firn.Trust;
using Firn.Trust.Client;
using Firn.Trust.Metadata;

namespace Firn.Tests.Trust.Client;

/// <summary>The attacks that TUF is there against, as stories. Those on transfers are in <see cref="TransfersAreHostile"/>.</summary>
public sealed class AttacksAreNoticed : IDisposable
{
    private readonly TestRepository _repository = new();
    private readonly TestMachine _machine;

    public AttacksAreNoticed()
    {
        _repository.AddTarget(RoleNames.Targets, "box/image", "good"u8.ToArray());
        _repository.Publish(RoleNames.Targets);
        _machine = new(_repository);
    }

    [Fact]
    public async Task Arbitrary_software_the_host_changes_a_file()
    {
        await _machine.RefreshAsync();
        foreach (var place in _repository.Targets.Keys) _repository.Targets[place] = "evil"u8.ToArray();

        var error = await Assert.ThrowsAsync<TrustException>(() => _machine.FetchAsync("box/image"));

        Assert.Equal(TrustFailure.WrongHash, error.Failure);
        Assert.Contains("box/image: has SHA-256", error.Message);
        Assert.Empty(Directory.GetFiles(_machine.Directory));    // neither the file nor a part of it
    }

    [Theory]
    [InlineData(RoleNames.Timestamp)]
    [InlineData(RoleNames.Snapshot)]
    [InlineData(RoleNames.Targets)]
    public async Task Arbitrary_software_the_attacker_signs_with_a_key_of_his_own(string role)
    {
        await _machine.RefreshAsync();
        var before = _machine.VersionOf(role);

        _repository.SignWith(role, [.. TestKeys.Take(1)]);
        _repository.Publish(RoleNames.Targets);

        var error = await _machine.RefusesAsync(TrustFailure.Unsigned);
        Assert.StartsWith($"{role}: signed by 0 of the 1 keys that root asks for", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, _machine.VersionOf(role));
    }

    [Fact]
    public async Task Arbitrary_software_a_root_that_the_old_root_did_not_sign()
    {
        _repository.Rotate(RoleNames.Root, TestKeys.Take(1));
        _repository.PublishRoot();

        var error = await _machine.RefusesAsync(TrustFailure.Unsigned);

        Assert.Contains("root 1", error.Message);
        Assert.Equal(1, _machine.VersionOf(RoleNames.Root));
    }

    [Fact]
    public async Task Arbitrary_software_a_root_that_its_own_keys_did_not_sign()
    {
        var old = _repository.SignersOf(RoleNames.Root).ToArray();
        _repository.Rotate(RoleNames.Root, TestKeys.Take(1));
        _repository.SignWith(RoleNames.Root, old);
        _repository.PublishRoot();

        Assert.Contains("the root itself", (await _machine.RefusesAsync(TrustFailure.Unsigned)).Message);
    }

    [Fact]
    public async Task Extraneous_dependencies_a_delegate_speaks_for_more_than_it_was_given()
    {
        _repository.Delegate(RoleNames.Targets, "edge", isTerminating: false, "edge/*");
        _repository.AddTarget("edge", "edge/tool", "x"u8.ToArray());
        _repository.AddTarget("edge", "stable/tool", "evil"u8.ToArray());
        _repository.Publish(RoleNames.Targets, "edge");

        Assert.Equal("edge", (await _machine.FindAsync("edge/tool"))!.Role);
        Assert.Null(await _machine.FindAsync("stable/tool"));
    }

    [Fact]
    public async Task Freeze_what_is_served_has_expired()
    {
        await _machine.RefreshAsync();
        _machine.Clock.Now = _repository.Timestamp.Expires;    // "higher than": at the very moment it is over

        var error = await _machine.RefusesAsync(TrustFailure.Expired);

        Assert.Contains("timestamp: version 2 expired on 2027-03-02 12:00:00Z", error.Message);
    }

    [Theory]
    [InlineData(RoleNames.Root)]
    [InlineData(RoleNames.Snapshot)]
    [InlineData(RoleNames.Targets)]
    public async Task Freeze_each_role_expires_by_itself(string role)
    {
        var over = TestRepository.Now.AddSeconds(-1);
        if (role == RoleNames.Root) _repository.Root = _repository.Root with { Expires = over };
        if (role == RoleNames.Snapshot) _repository.Snapshot = _repository.Snapshot with { Expires = over };
        if (role == RoleNames.Targets) _repository.Roles[role] = _repository.Roles[role] with { Expires = over };
        _repository.PublishRoot();
        _repository.Publish(RoleNames.Targets);

        Assert.Equal(role, (await _machine.RefusesAsync(TrustFailure.Expired)).Subject);
    }

    [Fact]
    public async Task Rollback_of_timestamp()
    {
        var old = _repository.Metadata["timestamp.json"];
        _repository.PublishTimestamp();
        await _machine.RefreshAsync();

        _repository.Metadata["timestamp.json"] = old;

        var error = await _machine.RefusesAsync(TrustFailure.Rollback);
        Assert.Equal("timestamp: is version 2, and version 3 was believed before", error.Message);
    }

    [Fact]
    public async Task Rollback_of_snapshot_by_someone_with_the_timestamp_key()
    {
        _repository.Publish(RoleNames.Targets);
        await _machine.RefreshAsync();

        _repository.Timestamp = _repository.Timestamp with { Snapshot = new(2) };
        _repository.PublishTimestamp();

        Assert.Equal(RoleNames.Snapshot, (await _machine.RefusesAsync(TrustFailure.Rollback)).Subject);
    }

    [Fact]
    public async Task Rollback_of_targets_by_someone_with_the_online_keys()
    {
        await _machine.RefreshAsync();

        _repository.Snapshot = _repository.Snapshot with { Meta = _repository.Snapshot.Meta.SetItem("targets.json", new(1)) };
        _repository.Publish();

        Assert.Equal("targets.json", (await _machine.RefusesAsync(TrustFailure.Rollback)).Subject);
    }

    [Fact]
    public async Task Rollback_a_role_disappears_from_snapshot()
    {
        _repository.Delegate(RoleNames.Targets, "edge", isTerminating: false, "edge/*");
        _repository.Publish(RoleNames.Targets, "edge");
        await _machine.RefreshAsync();

        _repository.Snapshot = _repository.Snapshot with { Meta = _repository.Snapshot.Meta.Remove("edge.json") };
        _repository.Publish();

        Assert.Contains("edge.json no more", (await _machine.RefusesAsync(TrustFailure.Rollback)).Message);
    }

    [Fact]
    public async Task Mix_and_match_old_targets_under_a_new_name()
    {
        var old = _repository.Metadata["1.targets.json"];
        _repository.SaysHashes = false;
        _repository.Publish(RoleNames.Targets);
        _repository.Metadata[_repository.FileName(RoleNames.Targets, _repository.Roles[RoleNames.Targets].Version)] = old;

        var error = await _machine.RefusesAsync(TrustFailure.WrongVersion);

        Assert.Equal("targets: is version 1, expected 3", error.Message);
    }

    [Fact]
    public async Task Mix_and_match_a_validly_signed_file_that_snapshot_does_not_mean()
    {
        var targets = _repository.Roles[RoleNames.Targets];
        _repository.Metadata["2.targets.json"] = TestRepository.Sign(
            targets with { Expires = targets.Expires.AddDays(1) }, _repository.SignersOf(RoleNames.Targets));

        // ECDSA signatures differ in length now and then
        var error = await Assert.ThrowsAsync<TrustException>(() => _machine.RefreshAsync());
        Assert.True(error.Failure is TrustFailure.WrongHash or TrustFailure.WrongLength, error.Message);
    }

    [Fact]
    public async Task Wrong_software_one_role_passed_off_as_another()
    {
        // one key for two roles is a mistake that must not matter
        var key = _repository.SignersOf(RoleNames.Timestamp).ToArray();
        _repository.Rotate(RoleNames.Snapshot, key);
        _repository.PublishRoot();
        _repository.Metadata["timestamp.json"] = TestRepository.Sign(
            _repository.Snapshot with { Meta = _repository.Snapshot.Meta.Clear().Add("snapshot.json", new(1)) }, key);

        var error = await _machine.RefusesAsync(TrustFailure.Malformed);

        Assert.Equal("timestamp: _type is 'snapshot', expected 'timestamp'", error.Message);
    }

    [Fact]
    public async Task Wrong_software_a_file_in_the_place_of_another()
    {
        _repository.AddTarget(RoleNames.Targets, "box/other", "else"u8.ToArray());
        _repository.Publish(RoleNames.Targets);
        var (image, other) = (Place("box/image"), Place("box/other"));
        _repository.Targets[image] = _repository.Targets[other];

        Assert.Equal(TrustFailure.WrongHash, (await Assert.ThrowsAsync<TrustException>(() => _machine.FetchAsync("box/image"))).Failure);
    }

    [Fact]
    public async Task Fast_forward_is_undone_by_revoking_the_keys()
    {
        // given: an attacker with the online keys made the versions as high as they go
        _repository.Timestamp = _repository.Timestamp with { Version = long.MaxValue - 2 };
        _repository.Snapshot = _repository.Snapshot with { Version = long.MaxValue - 2 };
        _repository.Publish();
        await _machine.RefreshAsync();

        // when: the owner replaces both keys, and begins to count anew
        _repository.Rotate(RoleNames.Timestamp, TestKeys.Take(1));
        _repository.Rotate(RoleNames.Snapshot, TestKeys.Take(1));
        _repository.PublishRoot();
        _repository.Timestamp = _repository.Timestamp with { Version = 5 };
        _repository.Snapshot = _repository.Snapshot with { Version = 5 };
        _repository.Publish(RoleNames.Targets);

        // then
        var found = await _machine.RefreshAsync();
        Assert.Equal((6, 6), (found.Timestamp.Version, found.Snapshot.Version));
    }

    [Fact]
    public async Task Fast_forward_is_undone_even_if_the_power_goes_between_root_and_timestamp()
    {
        _repository.Timestamp = _repository.Timestamp with { Version = 1000 };
        _repository.Publish();
        await _machine.RefreshAsync();
        _repository.Rotate(RoleNames.Timestamp, TestKeys.Take(1));
        _repository.PublishRoot();
        var online = _repository.Metadata["timestamp.json"];
        _repository.Metadata.Remove("timestamp.json");
        await Assert.ThrowsAsync<FileNotFoundException>(() => _machine.RefreshAsync());

        _repository.Metadata["timestamp.json"] = online;
        _repository.Timestamp = _repository.Timestamp with { Version = 1 };
        _repository.PublishTimestamp();

        Assert.Equal(2, (await _machine.RefreshAsync()).Timestamp.Version);
    }

    [Theory]
    [InlineData(RoleNames.Root)]
    [InlineData(RoleNames.Timestamp)]
    [InlineData(RoleNames.Snapshot)]
    [InlineData(RoleNames.Targets)]
    public async Task Key_compromise_a_revoked_key_is_worth_nothing_and_the_machine_goes_on(string role)
    {
        // given: the key is stolen, and the owner has replaced it
        await _machine.RefreshAsync();
        var stolen = _repository.SignersOf(role).ToArray();
        _repository.Rotate(role, TestKeys.Take(1));
        _repository.PublishRoot(role == RoleNames.Root ? stolen : []);
        _repository.Publish(RoleNames.Targets);
        await _machine.RefreshAsync();
        var rightful = _repository.SignersOf(role).ToArray();

        // when: the thief signs
        _repository.SignWith(role, stolen);
        if (role == RoleNames.Root) _repository.PublishRoot();
        else _repository.Publish(RoleNames.Targets);

        // then: he is refused, and afterwards the owner is believed again
        Assert.Equal(role, (await _machine.RefusesAsync(TrustFailure.Unsigned)).Subject);
        _repository.SignWith(role, rightful);
        if (role == RoleNames.Root) _repository.Root = _repository.Root with { Version = _repository.Root.Version - 1 };
        if (role == RoleNames.Root) _repository.PublishRoot();
        _repository.Publish(RoleNames.Targets);
        Assert.Equal(_repository.Timestamp.Version, (await _machine.RefreshAsync()).Timestamp.Version);
    }

    [Fact]
    public async Task Key_compromise_one_of_three_root_keys_is_not_enough()
    {
        var first = _repository.SignersOf(RoleNames.Root).ToArray();
        var three = TestKeys.Take(3);
        _repository.Rotate(RoleNames.Root, three, threshold: 2);
        _repository.PublishRoot(first);
        await _machine.RefreshAsync();

        _repository.SignWith(RoleNames.Root, three[0]);
        _repository.PublishRoot();
        Assert.Contains("1 of the 2 keys", (await _machine.RefusesAsync(TrustFailure.Unsigned)).Message);

        _repository.Root = _repository.Root with { Version = 2 };
        _repository.SignWith(RoleNames.Root, three[0], three[2]);
        _repository.PublishRoot();
        Assert.Equal(3, (await _machine.RefreshAsync()).Root.Version);
    }

    [Fact]
    public async Task Key_compromise_a_delegates_key_is_replaced_by_whoever_delegates()
    {
        _repository.Delegate(RoleNames.Targets, "edge", isTerminating: true, "edge/*");
        _repository.AddTarget("edge", "edge/tool", "good"u8.ToArray());
        _repository.Publish(RoleNames.Targets, "edge");
        Assert.NotNull(await _machine.FindAsync("edge/tool"));
        var stolen = _repository.SignersOf("edge").ToArray();

        var fresh = TestKeys.Take(1)[0];
        _repository.Delegate(RoleNames.Targets, new DelegatedRole { Name = "edge", Keys = new([fresh.KeyId], 1), Paths = ["edge/*"] }, fresh);
        _repository.SignWith("edge", stolen);
        _repository.Publish(RoleNames.Targets, "edge");
        Assert.Equal(TrustFailure.Unsigned, (await Assert.ThrowsAsync<TrustException>(() => _machine.FindAsync("edge/tool"))).Failure);

        _repository.SignWith("edge", fresh);
        _repository.Publish("edge");
        Assert.NotNull(await _machine.FindAsync("edge/tool"));
    }

    private string Place(string path) =>
        new TrustedTarget(path, _repository.Roles[RoleNames.Targets].Targets[path], RoleNames.Targets).Location(true);

    public void Dispose() => _machine.Dispose();
}
