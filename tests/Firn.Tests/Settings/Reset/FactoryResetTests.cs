using Firn.Formats.Resets;
using Firn.Settings.Reset;
using Firn.Tests.Formats;

namespace Firn.Tests.Settings.Reset;

public sealed class FactoryResetTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly FactoryReset _reset;

    public FactoryResetTests()
    {
        Shell.Run(
            """
            mkdir -p data/containers/x data/lost+found; cd data; for each in trust boot index etc/a/upper/ssh etc/a/work/work etc/b/upper var/upper/lib/db home/upper/al overlay; do mkdir -p firn/$each; done
            echo 1 > firn/trust/root.json; echo 1 > firn/history.jsonl; echo 1 > firn/agent.json; echo 3 > firn/etc/a/install; echo 2 > firn/etc/b/install; echo 1 > firn/etc/a/conflicts.json
            echo 1 > firn/etc/a/upper/machine-id; echo 1 > firn/etc/b/upper/machine-id; echo 1 > firn/etc/a/upper/ssh/ssh_host_key; echo 1 > firn/etc/a/upper/ssh/sshd_config; echo 1 > firn/etc/a/upper/passwd
            echo 1 > firn/var/upper/lib/db/table; echo 1 > firn/var/upper/log; echo 1 > firn/home/upper/al/photo; echo 1 > containers/x/layer; ln -s /etc firn/var/upper/link; ln -s . firn/index/loop
            """, _scratch.Path);
        _reset = new(_scratch.File("data"));
    }

    public void Dispose() => _scratch.Dispose();

    private string[] Files() => Shell.Run("find data ! -type d | sort", _scratch.Path).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private void Request(params string[] keep) => _reset.Request(keep.Select(text => KeepPattern.TryParse(text)!));

    [Fact]
    public void All_is_erased_but_trust_history_and_what_is_to_be_kept()
    {
        Request("/etc/machine-id", "/etc/ssh/ssh_host_*", "/var/lib/db", "/data/nothing/like/this");

        var result = _reset.Run();

        Assert.Equal(
            [
                "data/firn/etc/a/install", "data/firn/etc/a/upper/machine-id", "data/firn/etc/a/upper/ssh/ssh_host_key", "data/firn/etc/b/install",
                "data/firn/etc/b/upper/machine-id", "data/firn/history.jsonl", "data/firn/trust/root.json", "data/firn/var/upper/lib/db/table",
            ], Files());
        Assert.Contains("/data/firn/var/upper/lib/db", result.Kept);
        Assert.False(Directory.Exists(_scratch.File("data/containers")) || Directory.Exists(_scratch.File("data/firn/etc/a/work")) || Directory.Exists(_scratch.File("data/firn/home")));
        Assert.False(_reset.IsRequested);
    }

    [Fact]
    public void One_that_the_power_ended_goes_on_with_the_same_list()
    {
        Request("/home/al");
        Shell.Run("rm -r data/firn/etc data/containers", _scratch.Path);
        Assert.True(_reset.IsRequested);

        _reset.Run();

        Assert.Equal(["data/firn/history.jsonl", "data/firn/home/upper/al/photo", "data/firn/trust/root.json"], Files());
    }

    [Fact]
    public void Until_then_it_can_be_taken_back()
    {
        Request();
        Assert.True(_reset.Cancel());
        Assert.False(_reset.Cancel());
        Assert.False(_reset.IsRequested);
    }

    [Theory]
    [InlineData("keep=/usr/x\n")]
    [InlineData("keep=/etc/../x\n")]
    [InlineData("erase=/etc/x\n")]
    [InlineData("\0\0\0\0")]
    public void A_list_that_cannot_be_understood_erases_nothing(string list)
    {
        Request();
        File.WriteAllText(_scratch.File("data/firn/reset"), list);
        var before = Files();

        Assert.Throws<InvalidDataException>(() => _reset.Run());

        Assert.Equal(before, Files());
    }

    [Theory]
    [InlineData("/etc/machine-id", "/etc/machine-id", KeepAnswer.Yes)]
    [InlineData("/etc/ssh", "/etc/ssh/key", KeepAnswer.Yes)]
    [InlineData("/etc/ssh/ssh_host_*", "/etc/ssh", KeepAnswer.Within)]
    [InlineData("/etc/ssh/ssh_host_*", "/etc/ssh/ssh_config", KeepAnswer.No)]
    [InlineData("/data/*/id", "/data/x/id", KeepAnswer.Yes)]
    [InlineData("/data/a?b", "/data/axb", KeepAnswer.No)]
    [InlineData("/data/a?b", "/data/a?b", KeepAnswer.Yes)]
    [InlineData(@"/data/a\b", @"/data/a\b", KeepAnswer.Yes)]
    [InlineData("/data/A", "/data/a", KeepAnswer.No)]
    [InlineData("/data/a*b*c", "/data/abc", KeepAnswer.Yes)]
    [InlineData("/data/a*b*c", "/data/a--b--c", KeepAnswer.Yes)]
    [InlineData("/data/a*b*c", "/data/acb", KeepAnswer.No)]
    [InlineData("/data/ab*bc", "/data/abc", KeepAnswer.No)]
    public void Patterns_are_compared_name_by_name(string pattern, string path, KeepAnswer answer) =>
        Assert.Equal(answer, KeepPattern.TryParse(pattern)!.Of(path));

    [Theory]
    [InlineData("/etc")]
    [InlineData("/etc/")]
    [InlineData("etc/x")]
    [InlineData("/usr/x")]
    [InlineData("/etc/./x")]
    [InlineData("/etc/../x")]
    [InlineData("/data/a\nb")]
    public void What_is_no_pattern_is_none(string text) => Assert.Null(KeepPattern.TryParse(text));
}
