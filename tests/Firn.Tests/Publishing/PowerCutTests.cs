using Firn.Publishing.Drafts;
using Firn.Publishing.Releases;
using Firn.Publishing.Roles;
using Firn.Trust.Metadata;

namespace Firn.Tests.Trust.Publishing;

/// <summary>
/// The power goes after every change of the disk. Whenever that is, machines that are new and machines that know the old
/// repository read the old one or the new one; and the same command, given again, leads to the new one.
/// </summary>
public sealed class PowerCutTests
{
    private readonly TestPublisher _people = new();

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_release_appears_whole_or_not_at_all(int binBits) =>
        Check(_people.NewRepository(binBits), "1.0", "1.0,1.1", editor => _people.Add(editor, "1.1"));

    [Fact]
    public void A_pause_is_there_or_not() =>
        Check(_people.NewRepository(), "1.0", "1.0 paused", editor => Stage(editor, ReleaseEdits.Change(
            editor.Draft, TestPublisher.Find(editor, "1.0"), terms => terms with { IsPaused = true })));

    [Fact]
    public void A_removed_release_is_there_or_not() =>
        Check(_people.NewRepository(), "1.0", "", editor => Stage(editor, ReleaseEdits.Remove(editor.Draft, ListedRelease.All(editor.Draft))));

    [Theory]
    [InlineData("root", "root-1")]
    [InlineData("targets", "targets")]
    [InlineData("snapshot", "snapshot")]
    [InlineData("timestamp", "timestamp")]
    [InlineData("stable", "stable")]
    public void A_key_is_rotated_without_a_wrong_moment(string role, string key) => Check(
        _people.NewRepository(binBits: 1), "1.0", "1.0",
        editor => Rotate(editor, role, key));

    [Fact]
    public void Keys_of_three_roles_and_a_release_change_at_once() => Check(_people.NewRepository(), "1.0", "1.0,2.0", editor =>
    {
        Rotate(editor, "timestamp", "timestamp");
        Rotate(editor, "snapshot", "snapshot");
        Rotate(editor, "targets", "targets");
        _people.Add(editor, "2.0");
    });

    /// <summary>A stolen or lost key cannot sign its own end: machines wait between two writes, and are never misled.</summary>
    [Fact]
    public void A_lost_key_is_replaced_and_machines_at_most_wait()
    {
        var before = _people.NewRepository();
        using var reader = new TestReader(before);
        var remaining = Enumerable.Range(0, 20).TakeWhile(changes =>
        {
            var files = before.Copy();
            files.ChangesLeft = changes;
            var isDone = Attempt(() =>
            {
                using var editor = _people.Open(files);
                Rotate(editor, "timestamp", "timestamp", "timestamp-new", "root-1", "root-2");
                editor.Publish(_people.Ring("snapshot", "timestamp-new"));
            });
            var seen = Attempt(() => Assert.Equal("1.0", reader.Read(files, TestPublisher.Now)));
            Assert.True(seen || !isDone);
            files.ChangesLeft = null;
            using (var editor = _people.Open(files))
            {
                if (editor.Draft.Staged.IsEmpty && editor.Draft.Root.Version == 1) Rotate(editor, "timestamp", "timestamp", "timestamp-new", "root-1", "root-2");
                editor.Publish(_people.Ring("snapshot", "timestamp-new"));
            }
            Assert.Equal("1.0", reader.Read(files, TestPublisher.Now));
            return !isDone;
        }).Count();
        Assert.InRange(remaining, 3, 19);
    }

    [Fact]
    public void The_first_publication_can_break_off_anywhere()
    {
        var cuts = 0;
        for (var isDone = false; !isDone; cuts++)
        {
            var files = new MemoryFiles { ChangesLeft = cuts };
            isDone = Attempt(() =>
            {
                if (files.SizeOf("firn-repo.json") is null) _people.Init(files);
                using var editor = _people.Open(files);
                editor.Stage(Channels.Delegate(editor.Draft, "stable", _people.Choice(1, "stable"), 0), _people.Ring());
                _people.Add(editor, "1.0");
                editor.Publish(_people.Ring());
            });

            files.ChangesLeft = null;
            if (files.SizeOf("firn-repo.json") is null) _people.Init(files);
            using (var editor = _people.Open(files))
            {
                if (!editor.Draft.Authorities.ContainsKey("stable"))
                    editor.Stage(Channels.Delegate(editor.Draft, "stable", _people.Choice(1, "stable"), 0), _people.Ring());
                _people.Add(editor, "1.0");
                editor.Publish(_people.Ring());
            }
            using var reader = new TestReader(files);
            Assert.Equal("1.0", reader.Read(files, TestPublisher.Now));
        }
        Assert.InRange(cuts, 8, 30);
    }

    [Fact]
    public void Renewing_the_timestamp_never_leaves_an_old_one_half_replaced() => Check(
        _people.NewRepository(), "1.0", "1.0", _ => { }, editor => editor.Renew(_people.Ring("timestamp"), timestampOnly: true));

    private void Check(MemoryFiles before, string old, string fresh, Action<RepositoryEditor> edit, Action<RepositoryEditor>? publish = null)
    {
        publish ??= editor => editor.Publish(_people.Ring());
        using var reader = new TestReader(before);
        Assert.Equal(old, reader.Read(before, TestPublisher.Now));
        var cuts = 0;
        for (var isDone = false; !isDone; cuts++)
        {
            var files = before.Copy();
            var memory = $"remembers-{cuts}";
            reader.Read(files, TestPublisher.Now, memory);
            files.ChangesLeft = cuts;
            isDone = Attempt(() =>
            {
                using var editor = _people.Open(files);
                edit(editor);
                publish(editor);
            });
            files.ChangesLeft = null;

            AssertOneOf(old, fresh, reader.Read(files, TestPublisher.Now));
            AssertOneOf(old, fresh, reader.Read(files, TestPublisher.Now, memory));
            if (isDone) Assert.Equal(fresh, reader.Read(files, TestPublisher.Now));

            using (var editor = _people.Open(files))
            {
                if (!isDone) edit(editor);
                publish(editor);
            }
            Assert.Equal(fresh, reader.Read(files, TestPublisher.Now));
            Assert.Equal(fresh, reader.Read(files, TestPublisher.Now, memory));
        }
        Assert.True(cuts > 1, "nothing was ever written");
    }

    private static void AssertOneOf(string old, string fresh, string found) =>
        Assert.True(found == old || found == fresh, $"machines read '{found}', expected '{old}' or '{fresh}'");

    private static bool Attempt(Action act)
    {
        try
        {
            act();
            return true;
        }
        catch (Exception error) when (error is MemoryFiles.PowerCutException or Firn.Trust.TrustException)
        {
            return false;
        }
    }

    private void Stage(RepositoryEditor editor, RepositoryDraft draft) => editor.Stage(draft, _people.Ring());

    private void Rotate(RepositoryEditor editor, string role, string key, string? to = null, params string[] keys)
    {
        var keyId = _people.Key(key).KeyId;
        var now = RoleNames.IsTopLevel(role) ? editor.Draft.Root.Roles[role] : editor.Draft.Authorities[role].Keys;
        if (!now.KeyIds.Contains(keyId)) return;    // done before the power went
        editor.Stage(
            KeyRoles.Change(editor.Draft, role, [_people.Key(to ?? $"{key}-new").PublicKey], [keyId], null), _people.Ring(keys));
    }
}
