using Firn.Publishing.Destinations;
using Firn.Publishing.Drafts;
using Firn.Publishing.Storage;
using Firn.Trust;
using Firn.Trust.Metadata;

namespace Firn.Tests.Trust.Publishing;

public sealed class PublisherTests
{
    private static readonly PublishOptions Options = new(ChecksAll: false, Overwrites: false);

    private readonly TestPublisher _people = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_copy_that_breaks_off_is_the_old_repository_or_the_new_one()
    {
        var source = _people.NewRepository(binBits: 1);
        var old = new MemoryFiles();
        await CopyAsync(source, old);
        Update(source, "1.1");
        using var reader = new TestReader(source);

        var cuts = 0;
        for (var isDone = false; !isDone; cuts++)
        {
            var there = old.Copy();
            there.ChangesLeft = cuts;
            reader.Read(there, TestPublisher.Now, $"remembers-{cuts}");
            try
            {
                await CopyAsync(source, there);
                isDone = true;
            }
            catch (MemoryFiles.PowerCutException)
            {
                Assert.Equal("1.0", reader.Read(there, TestPublisher.Now, $"remembers-{cuts}"));
            }
            there.ChangesLeft = null;
            await CopyAsync(source, there);
            Assert.Equal("1.0,1.1", reader.Read(there, TestPublisher.Now, $"remembers-{cuts}"));
        }
        Assert.InRange(cuts, 4, 10);
    }

    [Fact]
    public async Task Only_what_is_new_is_copied_and_asked_for()
    {
        var source = _people.NewRepository(binBits: 6);
        var there = new MemoryFiles();
        await CopyAsync(source, there);
        Update(source, "1.1");
        there.Content.Remove("targets/stable/box-1.0-pc/" + there.Content.Keys.Single(path => path.Contains("box-1.0")).Split('/')[^1]);

        var result = await CopyAsync(source, there);

        Assert.Equal(4, result.Files);    // manifest, stable, snapshot, timestamp; what timestamp says is there is not asked for
        Assert.Equal(1, (await CopyAsync(source, there, Options with { ChecksAll = true })).Files);
    }

    [Fact]
    public async Task Whoever_publishes_from_an_older_copy_is_refused()
    {
        var ours = _people.NewRepository();
        var theirs = ours.Copy();
        Update(ours, "1.1");
        Update(theirs, "1.2");
        var there = new MemoryFiles();
        await CopyAsync(ours, there);

        var error = await Assert.ThrowsAsync<RepositoryRefusedException>(() => CopyAsync(theirs, there));

        Assert.Contains("published from another copy", error.Message);
        using var reader = new TestReader(ours);
        Assert.Equal("1.0,1.1", reader.Read(there, TestPublisher.Now));
    }

    [Fact]
    public async Task Two_who_publish_at_the_same_time_do_not_mix()
    {
        var ours = _people.NewRepository();
        var there = new MemoryFiles();
        await CopyAsync(ours, there);
        var theirs = ours.Copy();
        Update(ours, "1.1");
        Update(theirs, "1.2");
        there.ChangesLeft = 2;    // ours stands still after its first metadata
        await Assert.ThrowsAsync<MemoryFiles.PowerCutException>(() => CopyAsync(ours, there));
        there.ChangesLeft = null;

        await Assert.ThrowsAsync<RepositoryRefusedException>(() => CopyAsync(theirs, there));
        await CopyAsync(theirs, there, Options with { Overwrites = true });

        using var reader = new TestReader(ours);
        Assert.Equal("1.0,1.2", reader.Read(there, TestPublisher.Now));
    }

    [Fact]
    public async Task A_damaged_payload_is_not_published()
    {
        var source = _people.NewRepository();
        var manifest = source.Content.Keys.Single(path => path.Contains("box-1.0"));
        source.Content[manifest][0] ^= 1;
        var there = new MemoryFiles();

        var error = await Assert.ThrowsAsync<TrustException>(() => CopyAsync(source, there));

        Assert.Equal(TrustFailure.WrongHash, error.Failure);
        Assert.DoesNotContain("metadata/timestamp.json", there.Content.Keys);
    }

    [Fact]
    public async Task A_mirror_believes_only_what_descends_from_its_root()
    {
        var source = _people.NewRepository();
        var mirror = new MemoryFiles();
        var root = MetadataFile.Read(source.Content["metadata/1.root.json"]);

        Assert.Equal(TrustFailure.NoRoot, (await Assert.ThrowsAsync<TrustException>(() => MirrorAsync(source, mirror, null))).Failure);
        await MirrorAsync(source, mirror, root);
        Update(source, "1.1");
        await MirrorAsync(source, mirror, null);
        using var reader = new TestReader(source);
        Assert.Equal("1.0,1.1", reader.Read(mirror, TestPublisher.Now));

        var stranger = new TestPublisher().NewRepository();
        await Assert.ThrowsAsync<TrustException>(() => MirrorAsync(stranger, mirror, null));
        _people.Clock.Now += TimeSpan.FromDays(8);
        var expired = await Assert.ThrowsAsync<TrustException>(() => MirrorAsync(source, mirror, null));
        Assert.Contains("timestamp: version 2 expired on 2027-03-08", expired.Message);
        Assert.Equal("1.0,1.1", reader.Read(mirror, TestPublisher.Now));
    }

    private void Update(MemoryFiles files, string version)
    {
        using var editor = _people.Open(files);
        _people.Add(editor, version);
        editor.Publish(_people.Ring());
    }

    private static Task<PublishResult> CopyAsync(MemoryFiles from, MemoryFiles to, PublishOptions? options = null) => Publisher.CopyAsync(
        PublishedRepository.Read(from)!, from, new DirectoryDestination(to, null), options ?? Options, null, Token);

    private Task<PublishResult> MirrorAsync(MemoryFiles from, MemoryFiles to, MetadataFile? root) => Mirror.RunAsync(
        new TransportFiles(from, Token), new DirectoryDestination(to, null), root, _people.Clock.Now, Options, null, Token);
}
