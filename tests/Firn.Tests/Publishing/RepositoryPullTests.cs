using Firn.Publishing.Care;
using Firn.Publishing.Destinations;
using Firn.Publishing.Drafts;
using Firn.Publishing.Releases;
using Firn.Publishing.Roles;
using Firn.Publishing.Storage;
using Firn.Trust;
using Firn.Trust.Metadata;

namespace Firn.Tests.Trust.Publishing;

/// <summary>Several people, each with a copy of the repository: nobody's work is lost, and nothing happens by half.</summary>
public sealed class RepositoryPullTests
{
    private static readonly PublishOptions Options = new(ChecksAll: false, Overwrites: false);

    private readonly TestPublisher _people = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task What_is_staged_is_put_on_top_of_what_others_published(int binBits)
    {
        var (ours, theirs, web) = await ThreeCopiesAsync(binBits);
        Stage(ours, "1.1");
        Stage(theirs, "1.2");
        await PublishAsync(theirs, web);
        var error = await Assert.ThrowsAsync<RepositoryRefusedException>(() => PublishAsync(ours, web));

        var pulled = await PullAsync(ours, web);
        await PublishAsync(ours, web);

        Assert.Contains("timestamp 2 is published there, and this copy of the repository has 1", error.Message);
        Assert.Contains("'firn repo pull'", error.Message);
        Assert.True(pulled.IsNew);
        using var reader = new TestReader(ours);
        Assert.Equal("1.0,1.1,1.2", reader.Read(web, TestPublisher.Now));
        Assert.Equal("1.0,1.1,1.2", reader.Read(ours, TestPublisher.Now));
        await PullAsync(theirs, web);
        Assert.Equal("1.0,1.1,1.2", reader.Read(theirs, TestPublisher.Now));
        Assert.False((await PullAsync(theirs, web)).IsNew);
    }

    [Fact]
    public async Task What_was_published_here_and_refused_there_is_staged_again()
    {
        var (ours, theirs, web) = await ThreeCopiesAsync();
        using var reader = new TestReader(ours);
        Publish(theirs, "1.2");
        Publish(ours, "1.1");
        Publish(ours, "1.3");    // further than theirs, and all the same another history
        await PublishAsync(theirs, web);
        await Assert.ThrowsAsync<RepositoryRefusedException>(() => PublishAsync(ours, web));

        await PullAsync(ours, web);
        Assert.Equal("1.0,1.2", reader.Read(ours, TestPublisher.Now));
        await PublishAsync(ours, web);

        Assert.Equal("1.0,1.1,1.2,1.3", reader.Read(web, TestPublisher.Now));
    }

    [Fact]
    public async Task A_timestamp_by_cron_costs_the_others_a_pull_and_no_signature()
    {
        var (ours, cron, web) = await ThreeCopiesAsync();
        using (var editor = _people.Open(ours))
        {
            editor.Stage(KeyRoles.Change(editor.Draft, RoleNames.Root, [], [], threshold: 3), _people.Ring("root-1"));
            _people.Add(editor, "1.1", "stable");
        }
        using (var editor = _people.Open(cron)) editor.Renew(_people.Ring("timestamp"), timestampOnly: true);
        await PublishAsync(cron, web);

        await PullAsync(ours, web);

        using var after = _people.Open(ours);
        Assert.Equal(2, after.Draft.Published!.Timestamp!.Version);
        Assert.True(RoleAuthority.Of(after.Draft.Root, RoleNames.Root).Check(after.Draft.Staged.Roles[RoleNames.Root]).ValidCount >= 1);
        Assert.Equal(["root", "stable"], after.Draft.Staged.Roles.Keys);
    }

    [Fact]
    public async Task Channels_that_both_made_are_both_there()
    {
        var (ours, theirs, web) = await ThreeCopiesAsync();
        using (var editor = _people.Open(ours)) editor.Stage(Channels.Delegate(editor.Draft, "edge", _people.Choice(1, "edge"), 0), _people.Ring());
        using (var editor = _people.Open(theirs)) editor.Stage(Channels.Delegate(editor.Draft, "beta", _people.Choice(1, "beta"), 0), _people.Ring());
        await PublishAsync(theirs, web);
        await PullAsync(ours, web);
        await PublishAsync(ours, web);

        Assert.Equal(["beta", "edge", "stable", "targets"], PublishedRepository.Read(web)!.Authorities.Keys.Order());
    }

    [Fact]
    public async Task What_both_changed_differently_is_refused_by_name_and_a_person_decides()
    {
        var (ours, theirs, web) = await ThreeCopiesAsync();
        Change(ours, terms => terms with { IsPaused = true });
        Change(theirs, terms => terms with { Revoked = "eats disks" });
        await PublishAsync(theirs, web);
        var before = ours.Copy();

        var error = await Assert.ThrowsAsync<RepositoryRefusedException>(() => PullAsync(ours, web));

        Assert.StartsWith("stable: targets.stable/box-1.0-pc/manifest.json was changed here, and otherwise by whoever published since", error.Message);
        Assert.Equal(before.Content, ours.Content);
        await PullAsync(ours, web, new(MetadataOnly: true, TakesTheirs: true));
        using var reader = new TestReader(ours);
        Assert.Equal("1.0 revoked", reader.Read(ours, TestPublisher.Now));
        Assert.DoesNotContain("staged.json", ours.Content.Keys);
    }

    [Fact]
    public async Task A_pull_that_breaks_off_is_the_old_copy_or_the_new_one()
    {
        var (ours, theirs, web) = await ThreeCopiesAsync();
        using var reader = new TestReader(ours);
        Publish(theirs, "1.2");
        await PublishAsync(theirs, web);
        Publish(ours, "1.1");

        var cuts = 0;
        for (var isDone = false; !isDone; cuts++)
        {
            var copy = ours.Copy();
            copy.ChangesLeft = cuts;
            try
            {
                await PullAsync(copy, web);
                isDone = true;
            }
            catch (MemoryFiles.PowerCutException)
            {
                // what is there now is looked at below
            }
            copy.ChangesLeft = null;
            using (var editor = _people.Open(copy))
                Assert.Contains(editor.Draft.Targets("stable")!.Targets.Keys, path => path == TestPublisher.ManifestOf("1.1"));
            await PullAsync(copy, web);
            var there = web.Copy();
            await PublishAsync(copy, there);
            Assert.Equal("1.0,1.1,1.2", reader.Read(there, TestPublisher.Now));
        }
        Assert.InRange(cuts, 5, 20);
    }

    [Fact]
    public async Task What_does_not_descend_from_our_root_is_not_pulled()
    {
        var (ours, _, _) = await ThreeCopiesAsync();
        var strangers = new TestPublisher().NewRepository();

        Assert.Equal(TrustFailure.Unsigned, (await Assert.ThrowsAsync<TrustException>(() => PullAsync(ours, strangers))).Failure);
    }

    private async Task<(MemoryFiles Ours, MemoryFiles Theirs, MemoryFiles Web)> ThreeCopiesAsync(int binBits = 0)
    {
        var ours = _people.NewRepository(binBits);
        var web = new MemoryFiles();
        await PublishAsync(ours, web);
        return (ours, ours.Copy(), web);
    }

    private void Stage(MemoryFiles files, string version)
    {
        using var editor = _people.Open(files);
        _people.Add(editor, version);
    }

    /// <summary>Here alone.</summary>
    private void Publish(MemoryFiles files, string version)
    {
        using var editor = _people.Open(files);
        _people.Add(editor, version);
        editor.Publish(_people.Ring());
    }

    private void Change(MemoryFiles files, Func<Firn.Trust.Releases.ReleaseTerms, Firn.Trust.Releases.ReleaseTerms> change)
    {
        using var editor = _people.Open(files);
        editor.Stage(ReleaseEdits.Change(editor.Draft, TestPublisher.Find(editor, "1.0"), change), _people.Ring());
    }

    /// <summary>As the verb does it.</summary>
    private async Task PublishAsync(MemoryFiles from, MemoryFiles to)
    {
        using var editor = _people.Open(from);
        using var there = new DirectoryDestination(to, null);
        await Publisher.RequireUnchangedAsync(from, there, Token);
        editor.Publish(_people.Ring());
        await Publisher.CopyAsync(editor.Draft.Published!, from, there, Options, null, Token);
    }

    private async Task<PullResult> PullAsync(MemoryFiles ours, MemoryFiles web, PullOptions? options = null)
    {
        using var editor = _people.Open(ours);
        return await RepositoryPull.RunAsync(editor, new TransportFiles(web, Token), _people.Ring(), options ?? new(false, false), null, Token);
    }
}
