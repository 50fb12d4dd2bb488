using System.Collections.Immutable;
using Firn.Trust;
using Firn.Trust.Metadata;

namespace Firn.Tests.Trust.Client;

public sealed class TargetSearchTests : IDisposable
{
    private readonly TestRepository _repository = new();
    private readonly TestMachine _machine;

    public TargetSearchTests() => _machine = new(_repository);

    [Fact]
    public async Task The_first_who_may_is_believed_and_a_terminating_one_ends_the_search()
    {
        _repository.Delegate(RoleNames.Targets, "a", isTerminating: false, "x/*");
        _repository.Delegate(RoleNames.Targets, "b", isTerminating: true, "x/t*");
        _repository.Delegate(RoleNames.Targets, "c", isTerminating: false, "*/*");
        _repository.Delegate("a", "deep", isTerminating: false, "x/*");
        _repository.AddTarget("deep", "x/one", [1]);
        _repository.AddTarget("c", "x/one", [2]);
        _repository.AddTarget("c", "x/two", [3]);
        _repository.AddTarget("c", "x/nine", [4]);
        _repository.Publish(RoleNames.Targets, "a", "b", "c", "deep");

        Assert.Equal("deep", (await _machine.FindAsync("x/one"))!.Role);
        Assert.Null(await _machine.FindAsync("x/two"));
        Assert.Equal("c", (await _machine.FindAsync("x/nine"))!.Role);
    }

    [Fact]
    public async Task Roles_that_delegate_in_a_circle_are_asked_once()
    {
        _repository.Delegate(RoleNames.Targets, "a", isTerminating: false, "*");
        _repository.Delegate("a", "b", isTerminating: false, "*");
        _repository.Delegate("b", "a", isTerminating: false, "*");
        _repository.Publish(RoleNames.Targets, "a", "b");

        Assert.Null(await _machine.FindAsync("nothing"));
        Assert.Single(_repository.Requests, "1.a.json");
    }

    [Fact]
    public async Task An_endless_chain_of_roles_is_given_up()
    {
        var roles = Enumerable.Range(1, 40).Select(number => $"r{number}").ToArray();
        foreach (var (from, to) in roles.Prepend(RoleNames.Targets).Zip(roles)) _repository.Delegate(from, to, isTerminating: false, "*");
        _repository.Publish([RoleNames.Targets, .. roles]);

        var error = await Assert.ThrowsAsync<TrustException>(() => _machine.FindAsync("nothing"));

        Assert.Contains("first 32 roles", error.Message);
    }

    [Fact]
    public async Task Hash_prefixes_divide_targets_among_roles()
    {
        // SHA-256 of "one" begins with 76, of "two" with 3f
        var keys = TestKeys.Take(2);
        _repository.Delegate(RoleNames.Targets, Bin("low", keys[0].KeyId, "0", "1", "2", "3"), keys[0]);
        _repository.Delegate(RoleNames.Targets, Bin("rest", keys[1].KeyId, "4", "5", "6", "7"), keys[1]);
        foreach (var path in (string[])["one", "two"])
            foreach (var role in (string[])["low", "rest"]) _repository.AddTarget(role, path, [1]);
        _repository.Publish(RoleNames.Targets, "low", "rest");

        Assert.Equal("rest", (await _machine.FindAsync("one"))!.Role);
        Assert.Equal("low", (await _machine.FindAsync("two"))!.Role);
    }

    [Theory]
    [InlineData(1, "bin-0")]
    [InlineData(2, "bin-1")]
    [InlineData(4, "bin-7")]
    [InlineData(5, "bin-0e")]
    [InlineData(16, "bin-7692")]
    [InlineData(32, "bin-7692c3ad")]
    public void Succinct_bins_are_numbered_by_the_first_bits(int bits, string name) =>
        Assert.Equal(name, new SuccinctRoles(new(["k"], 1), bits, "bin").RoleFor("one").Name);

    [Fact]
    public async Task Succinct_bins_are_found_without_being_listed()
    {
        var key = TestKeys.Take(1)[0];
        var bins = new SuccinctRoles(new([key.KeyId], 1), 4, "bin");
        _repository.Roles[RoleNames.Targets] = _repository.Roles[RoleNames.Targets] with
        {
            Delegations = new()
            {
                Keys = ImmutableSortedDictionary.Create<string, Firn.Trust.Keys.PublicKey>(StringComparer.Ordinal).Add(key.KeyId, key.PublicKey),
                SuccinctRoles = bins,
            },
        };
        foreach (var bin in bins.Roles())
        {
            _repository.Roles[bin.Name] = TestRepository.NewTargets();
            _repository.SignWith(bin.Name, key);
        }
        _repository.AddTarget("bin-7", "one", [1]);
        _repository.AddTarget("bin-7", "two", [2]);    // belongs to bin 3
        _repository.Publish([RoleNames.Targets, .. bins.Roles().Select(bin => bin.Name)]);

        Assert.Equal("bin-7", (await _machine.FindAsync("one"))!.Role);
        Assert.Null(await _machine.FindAsync("two"));
        Assert.Equal(["1.bin-7.json", "1.bin-3.json"], _repository.Requests.Where(name => name.Contains("bin")));
    }

    [Fact]
    public async Task A_role_is_verified_for_each_that_delegates_to_it()
    {
        var (one, two) = (TestKeys.Take(1)[0], TestKeys.Take(1)[0]);
        _repository.Delegate(RoleNames.Targets, "a", isTerminating: false, "a/*");
        _repository.Delegate(RoleNames.Targets, "b", isTerminating: false, "b/*");
        _repository.Delegate("a", new DelegatedRole { Name = "shared", Keys = new([one.KeyId], 1), Paths = ["a/*"] }, one);
        _repository.Delegate("b", new DelegatedRole { Name = "shared", Keys = new([two.KeyId], 1), Paths = ["b/*"] }, two);
        _repository.SignWith("shared", one);
        _repository.AddTarget("shared", "a/x", [1]);
        _repository.AddTarget("shared", "b/x", [2]);
        _repository.Publish(RoleNames.Targets, "a", "b", "shared");
        using var client = _machine.NewClient();
        await client.RefreshAsync(Firn.Trust.Client.RefreshOptions.Default, TestContext.Current.CancellationToken);

        Assert.NotNull(await client.FindAsync("a/x", TestContext.Current.CancellationToken));
        var error = await Assert.ThrowsAsync<TrustException>(() => client.FindAsync("b/x", TestContext.Current.CancellationToken));

        Assert.Equal(TrustFailure.Unsigned, error.Failure);
        Assert.Contains("keys that b asks for", error.Message);
    }

    [Fact]
    public async Task A_role_that_snapshot_does_not_list_is_not_even_fetched()
    {
        _repository.Delegate(RoleNames.Targets, "a", isTerminating: false, "*");
        _repository.Publish(RoleNames.Targets);

        var error = await Assert.ThrowsAsync<TrustException>(() => _machine.FindAsync("x"));

        Assert.Equal(TrustFailure.Missing, error.Failure);
        Assert.DoesNotContain(_repository.Requests, name => name.Contains("a.json"));
    }

    [Fact]
    public async Task Names_of_roles_neither_leave_their_directory_nor_end_early()
    {
        foreach (var role in (string[])["../x", "/x", "?", "#"])
        {
            _repository.Delegate(RoleNames.Targets, role, isTerminating: false, "*");
            _repository.Publish(RoleNames.Targets, role);
        }

        Assert.Null(await _machine.FindAsync("nothing"));

        Assert.Equal(
            ["%23.json", "%2Fx.json", "%3F.json", "..%2Fx.json", "root.json", "snapshot.json", "targets.json", "timestamp.json"],
            Directory.GetFiles(_machine.Store.Directory).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    public async Task Paths_of_targets_never_lead_out(string path)
    {
        var file = new TargetFile(1, FileHashes.Of([1]));
        _repository.Roles[RoleNames.Targets] = _repository.Roles[RoleNames.Targets] with
        {
            Targets = _repository.Roles[RoleNames.Targets].Targets.SetItem(path, file),
        };
        _repository.Publish(RoleNames.Targets);

        Assert.Equal(TrustFailure.Malformed, (await Assert.ThrowsAsync<TrustException>(() => _machine.FetchAsync(path))).Failure);
    }

    private static DelegatedRole Bin(string name, string keyId, params string[] prefixes) =>
        new() { Name = name, Keys = new([keyId], 1), PathHashPrefixes = [.. prefixes] };

    public void Dispose() => _machine.Dispose();
}
