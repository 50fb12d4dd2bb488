using Firn.Publishing.Care;
using Firn.Publishing.Destinations;
using Firn.Publishing.Releases;
namespace Firn.Tests.Trust.Publishing;

/// <summary>What may go of a repository, and what some machine may still be fetching.</summary>
public sealed class RepositoryPruneTests
{
    private readonly TestPublisher _people = new();
    private readonly MemoryFiles _files;

    /// <summary>Every ten days a release comes and the one before it goes: 1.0, 1.1, 1.2, 1.3.</summary>
    public RepositoryPruneTests()
    {
        _files = _people.NewRepository();
        Stamp();
        foreach (var version in new[] { "1.1", "1.2", "1.3" })
        {
            _people.Clock.Now += TimeSpan.FromDays(10);
            using var editor = _people.Open(_files);
            var before = ListedRelease.All(editor.Draft);
            editor.Stage(ReleaseEdits.Remove(editor.Draft, before), _people.Ring());
            _people.Add(editor, version);
            editor.Publish(_people.Ring());
            Stamp();
        }
        _people.Clock.Now += TimeSpan.FromDays(1);
    }

    /// <summary>What is new was written now.</summary>
    private void Stamp()
    {
        foreach (var path in _files.Content.Keys) _files.Written.TryAdd(path, _people.Clock.Now);
    }

    private string[] Releases => [.. _files.Content.Keys.Where(path => path.StartsWith("targets/")).Select(path => path.Split('/')[2]).Order()];

    [Theory]
    [InlineData(1, 0, "1.3")]
    [InlineData(2, 0, "1.2 1.3")]
    [InlineData(1, 5, "1.2 1.3")]    // 1.3 came a day ago: five days ago machines saw 1.2
    [InlineData(1, 12, "1.1 1.2 1.3")]
    [InlineData(1, 40, "1.0 1.1 1.2 1.3")]
    public async Task What_machines_saw_within_the_time_stays(int versions, int days, string expected)
    {
        var dry = await PruneAsync(versions, days, isDryRun: true);
        Assert.Equal(4, Releases.Length);

        var result = await PruneAsync(versions, days);

        Assert.Equal(dry.Removed, result.Removed);
        Assert.Equal(expected.Split(' ').Select(version => $"box-{version}-pc"), Releases);
        using var reader = new TestReader(_files);
        Assert.Equal("1.3", reader.Read(_files, _people.Clock.Now));
        Assert.True((await RepositoryCheck.RunAsync(_files, null, _people.Clock.Now, readsTargets: true, null, TestContext.Current.CancellationToken)).IsSound);
        Assert.Empty((await PruneAsync(versions, days)).Removed);
    }

    [Fact]
    public async Task What_is_staged_what_is_being_uploaded_and_what_is_not_ours_stays()
    {
        using (var editor = _people.Open(_files)) _people.Add(editor, "2.0");
        var upload = $"targets/stable/box-3-pc/{new string('a', 64)}.root.img";
        _files.Content[upload] = [1];
        _files.Written[upload] = _people.Clock.Now - TimeSpan.FromDays(3);
        _files.Content["targets/index.html"] = _files.Content["metadata/README"] = [1];

        await PruneAsync(1, 4);
        Assert.Contains(upload, _files.Content.Keys);
        await PruneAsync(1, 2);

        Assert.DoesNotContain(upload, _files.Content.Keys);
        Assert.Contains("targets/index.html", _files.Content.Keys);
        Assert.Contains("metadata/README", _files.Content.Keys);
        Assert.Contains("metadata/1.root.json", _files.Content.Keys);
        using var again = _people.Open(_files);
        again.Publish(_people.Ring());
        using var reader = new TestReader(_files);
        Assert.Equal("1.3,2.0", reader.Read(_files, _people.Clock.Now));
    }

    [Fact]
    public async Task A_damaged_repository_loses_nothing()
    {
        _files.Content["metadata/4.snapshot.json"][100] ^= 1;
        var before = _files.Copy();

        await Assert.ThrowsAnyAsync<Exception>(() => PruneAsync(1, 0));

        Assert.Equal(before.Content.Keys, _files.Content.Keys);
    }

    private Task<PruneResult> PruneAsync(int versions, int days, bool isDryRun = false)
    {
        using var editor = _people.Open(_files);
        return RepositoryPrune.RunAsync(
            new DirectoryDestination(_files, null), editor.Draft.Staged, _people.Clock.Now, new(versions, TimeSpan.FromDays(days)), isDryRun,
            TestContext.Current.CancellationToken);
    }
}
