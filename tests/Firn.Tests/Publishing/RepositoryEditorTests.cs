using Firn.Publishing.Care;
using Firn.Publishing.Drafts;
using Firn.Publishing.Releases;
using Firn.Publishing.Roles;
using Firn.Trust;
using Firn.Trust.Metadata;

namespace Firn.Tests.Trust.Publishing;

public sealed class RepositoryEditorTests
{
    private readonly TestPublisher _people = new();

    [Fact]
    public void Two_people_with_a_key_each_reach_a_threshold_on_two_machines()
    {
        var alices = _people.NewRepository();
        using (var editor = _people.Open(alices))
            editor.Stage(KeyRoles.Change(editor.Draft, RoleNames.Root, [], [], threshold: 3), _people.Ring("root-1"));
        var bobs = alices.Copy();
        using (var editor = _people.Open(bobs)) Assert.Single(editor.Stage(editor.Draft, _people.Ring("root-2")));

        using var again = _people.Open(alices);
        var error = Assert.Throws<TrustException>(() => again.Publish(_people.Ring("snapshot", "timestamp")));
        var merged = again.Draft.Staged.WithSignaturesOf(StagedEdit.Read(bobs.Content["staged.json"], "bob's"), out var gained);
        again.Stage(again.Draft.With(merged), _people.Ring("root-3"));
        again.Publish(_people.Ring("snapshot", "timestamp"));

        Assert.Contains($"root: signed by 1 of the 3 keys that root asks for ({_people.Key("root-2").KeyId[..12]} has not signed", error.Message);
        Assert.Equal([RoleNames.Root], gained);
        Assert.Equal(2, again.Draft.Root.Version);
        Assert.Equal(3, again.Draft.Root.Roles[RoleNames.Root].Threshold);
    }

    [Fact]
    public void Signatures_over_another_content_are_not_taken_over()
    {
        var ours = _people.NewRepository();
        var theirs = ours.Copy();
        using var editor = _people.Open(ours);
        _people.Add(editor, "1.1");
        using (var other = _people.Open(theirs)) _people.Add(other, "1.2");

        Assert.Throws<RepositoryRefusedException>(() =>
            editor.Draft.Staged.WithSignaturesOf(StagedEdit.Read(theirs.Content["staged.json"], "theirs"), out _));
    }

    [Fact]
    public void Cron_renews_the_timestamp_and_leaves_alone_what_is_staged()
    {
        var files = _people.NewRepository();
        using var editor = _people.Open(files);
        _people.Add(editor, "1.1");
        _people.Clock.Now += TimeSpan.FromDays(1);

        using var later = _people.Open(files);
        var publication = later.Renew(_people.Ring("timestamp"), timestampOnly: true);

        Assert.Equal(["metadata/timestamp.json"], publication.Writes.Select(write => write.Path));
        Assert.Equal((2, 1), (later.Draft.Published!.Timestamp!.Version, later.Draft.Published.Snapshot!.Version));
        Assert.Equal(["stable"], later.Draft.Staged.Roles.Keys);
    }

    [Fact]
    public void Renewing_signs_what_is_due_and_can_be_signed_here()
    {
        var files = _people.NewRepository();
        _people.Clock.Now += TimeSpan.FromDays(50);
        using var editor = _people.Open(files);

        editor.Renew(_people.Ring("timestamp", "snapshot", "stable"), timestampOnly: false);

        var published = editor.Draft.Published!;
        Assert.Equal((2, 1, 2, 2), (published.VersionOf("stable"), published.VersionOf("targets"), published.VersionOf("snapshot"), published.VersionOf("timestamp")));
        Assert.Equal(_people.Clock.Now + TimeSpan.FromDays(90), published.Targets("stable")!.Expires);
    }

    [Fact]
    public void What_was_staged_before_someone_else_published_is_refused()
    {
        var files = _people.NewRepository();
        using (var editor = _people.Open(files)) _people.Add(editor, "1.1");
        var staged = files.Content["staged.json"];
        using (var editor = _people.Open(files))
        {
            editor.Discard();
            _people.Add(editor, "1.2");
            editor.Publish(_people.Ring());
        }
        files.Content["staged.json"] = staged;

        var error = Assert.Throws<RepositoryRefusedException>(() => _people.Open(files));

        Assert.Contains("stable: version 2 is staged, and version 2 was published meanwhile", error.Message);
    }

    [Fact]
    public void Tampered_metadata_is_not_signed_anew()
    {
        var files = _people.NewRepository();
        using var thief = TestKeys.Take(1)[0];
        var stable = TargetsMetadata.Read(MetadataFile.Read(files.Content["metadata/1.stable.json"]).Signed);
        files.Content["metadata/1.stable.json"] = MetadataFile.Of(stable with { Targets = stable.Targets.Add("stable/x/y", new(1, FileHashes.Of([1]))) }).Sign(thief).ToBytes();
        using var editor = _people.Open(files);

        Assert.Throws<TrustException>(() => _people.Add(editor, "1.1"));
    }

    [Fact]
    public void A_version_never_changes()
    {
        var files = _people.NewRepository();
        using var editor = _people.Open(files);
        var other = TestPublisher.Release("1.0") with { Manifest = [1, 2, 3] };

        var error = Assert.Throws<RepositoryRefusedException>(() =>
            ReleaseEdits.Add(files, editor.Draft, "stable", other, TestPublisher.Terms("1.0"), TestContext.Current.CancellationToken));

        Assert.StartsWith("stable/box-1.0-pc/manifest.json: is there with another content", error.Message);
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("..")]
    [InlineData("")]
    public void Names_that_are_no_part_of_a_path_are_refused(string version)
    {
        var files = _people.NewRepository();
        using var editor = _people.Open(files);

        Assert.Throws<InvalidDataException>(() => ReleaseEdits.Add(
            files, editor.Draft, "stable", TestPublisher.Release(version), TestPublisher.Terms(version), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_channel_key_speaks_for_its_channel_only()
    {
        var files = _people.NewRepository();
        using var editor = _people.Open(files);
        var draft = Channels.Delegate(editor.Draft, "edge", _people.Choice(1, "edge"), 0);

        Assert.True(draft.Targets("targets")!.Delegations!.For("edge/a/b").Single().Keys.KeyIds.SequenceEqual([_people.Key("edge").KeyId]));
        Assert.Empty(draft.Targets("targets")!.Delegations!.For("other/a/b"));
        Assert.Equal("stable", draft.Targets("targets")!.Delegations!.For("stable/a/b").Single().Name);
    }

    [Fact]
    public async Task Every_damage_to_a_published_file_is_found_and_named()
    {
        var files = _people.NewRepository(binBits: 1);
        Assert.True((await CheckAsync(files)).IsSound);
        var random = new Random(1);
        foreach (var path in files.Content.Keys.Where(path => path.StartsWith("metadata/") || path.StartsWith("targets/")).ToArray())
            for (var i = 0; i < 20; i++)
            {
                var damaged = files.Copy();
                var bytes = damaged.Content[path].ToArray();
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(7));
                damaged.Content[path] = bytes;

                Assert.True(!(await CheckAsync(damaged)).IsSound || IsSignedAllTheSame(files, path, bytes), $"{path}: damage was not found");
            }
    }

    /// <summary>
    /// What nobody hashes may be damaged in its signatures: a digit in upper case, or one signature of root's three, where two
    /// are enough.
    /// </summary>
    private static bool IsSignedAllTheSame(MemoryFiles files, string path, byte[] damaged)
    {
        var role = path.Contains("root") ? RoleNames.Root : RoleNames.Timestamp;
        if (path != "metadata/1.root.json" && path != "metadata/timestamp.json") return false;
        var root = RootMetadata.Read(MetadataFile.Read(files.Content["metadata/1.root.json"]).Signed);
        return SignatureCheck.Of(MetadataFile.Read(damaged), root.Roles[role], root.Keys).IsSigned;
    }

    [Fact]
    public async Task What_has_expired_is_named_with_since_when()
    {
        var files = _people.NewRepository();
        _people.Clock.Now += TimeSpan.FromDays(40);

        var report = await CheckAsync(files);

        Assert.Collection(
            report.Problems,
            problem => Assert.StartsWith("timestamp: version 1 expired on 2027-03-08 12:00:00Z, 33 days ago", problem),
            problem => Assert.StartsWith("snapshot: version 1 expired on 2027-03-31 12:00:00Z, 10 days ago", problem));
    }

    [Fact]
    public void Status_says_what_expires_when_and_who_must_sign()
    {
        var files = _people.NewRepository();
        _people.Clock.Now += TimeSpan.FromDays(5);
        using var editor = _people.Open(files);
        editor.Stage(KeyRoles.Change(editor.Draft, RoleNames.Root, [], [], null), _people.Ring("root-1"));

        var status = RepositoryStatus.Of("here", editor.Draft, _people.Ring("root-1", "timestamp"), null);

        Assert.Equal(Freshness.ExpiresSoon, status.Worst);
        var root = status.Roles.Single(role => role.Role == RoleNames.Root);
        Assert.Equal((2L, 1, 3), (root.StagedVersion!.Value, root.MissingSignatures, root.Keys.Length));
        Assert.Equal("root-1", root.Keys.Single(key => key.HasSigned == true).Name);
        Assert.Equal(Freshness.ExpiresSoon, status.Roles.Single(role => role.Role == RoleNames.Timestamp).Freshness);
    }

    private Task<RepositoryReport> CheckAsync(MemoryFiles files) => RepositoryCheck.RunAsync(
        files, null, _people.Clock.Now, readsTargets: true, null, TestContext.Current.CancellationToken);
}
