using Firn.Formats.Resets;
using Firn.Machine.Boot;
using Firn.Machine.Etc;
using Firn.Settings.Etc;
using Firn.Tests.Formats;

namespace Firn.Tests.Settings.Etc;

public sealed class EtcResetTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public EtcResetTests() => Shell.Run(
        """
        mkdir -p image/ssh image/gone image/dirtofile; echo 1 > image/same; echo 1 > image/text; echo 1 > image/mode; ln -s same image/link; echo 1 > image/ssh/config; echo 1 > image/gone/x; echo 1 > image/filetodir; echo 1 > image/both
        cp -a image machine; cd machine; echo 2 > text; chmod 600 mode; ln -sf text link; rm -r gone dirtofile; echo f > dirtofile; rm filetodir; mkdir -p filetodir own/deep; echo 2 > own/deep/file; echo 2 > ssh/key; chmod 700 ssh; echo 2 > both; echo 1 > both.firn-new
        touch -d @5 same; printf x > "$(printf 'n\377me')"
        """, _scratch.Path);

    public void Dispose() => _scratch.Dispose();

    private EtcReset Reset => new(_scratch.File("image"), _scratch.File("machine"));

    private string[] Changes() => [.. EtcDifference.Between(DirectoryTree.Read(_scratch.File("image")), DirectoryTree.Read(_scratch.File("machine")))
        .Select(entry => $"{entry.Change.Kind} {entry.Change.Path} {string.Join(',', entry.Change.What)}".TrimEnd())];

    [Fact]
    public void What_a_machine_changed_is_listed_once() => Assert.Equal(
        [
            "Changed both content", "Added both.firn-new", "Changed dirtofile kind", "Changed filetodir kind", "Removed gone", "Changed link content",
            "Changed mode mode", @"Added n\xffme", "Added own", "Added own/deep", "Added own/deep/file", "Changed ssh mode", "Added ssh/key", "Changed text content",
        ], Changes());

    [Fact]
    public void Paths_are_put_back_with_what_is_below_and_beside_them()
    {
        var before = Changes();
        var undone = Reset.Run(["both", "ssh", "own"]);
        Assert.Equal(["both", "both.firn-new", "own", "own/deep", "own/deep/file", "ssh", "ssh/key"], undone.Select(change => change.Path));
        Assert.Equal(before.Except(["Changed both content", "Added both.firn-new", "Added own", "Added own/deep", "Added own/deep/file", "Changed ssh mode", "Added ssh/key"]), Changes());
        Assert.Empty(Reset.Run(["same"]));
    }

    [Fact]
    public void All_is_as_in_the_image_but_what_is_kept()
    {
        Reset.RunAll([KeepPattern.TryParse("/etc/ssh/k*")!, KeepPattern.TryParse("/etc/own/deep/file")!]);
        Assert.Equal(["Added own", "Added own/deep", "Added own/deep/file", "Changed ssh mode", "Added ssh/key"], Changes());
        Reset.RunAll([]);
        Assert.Empty(Changes());
        Assert.Equal("", Shell.Run("diff -r --no-dereference image machine", _scratch.Path));
    }

    [Fact]
    public void What_was_broken_off_is_done_again()
    {
        Shell.Run("mkdir machine/.firn-reset; echo half > machine/.firn-reset/x", _scratch.Path);
        Reset.RunAll([]);
        Assert.Empty(Changes());
    }

    [Theory]
    [InlineData("nonexistent", "/etc/nonexistent: neither this machine nor its image has it")]
    [InlineData("gone/x", "/etc/gone/x: /etc/gone is no directory here any more; reset that")]
    public void What_cannot_be_put_back_is_refused_before_anything_is_changed(string path, string problem)
    {
        var before = Changes();
        Assert.Equal(problem, Assert.Throws<RefusedException>(() => Reset.Run(["text", path])).Message);
        Assert.Equal(before, Changes());
    }

    [Theory]
    [InlineData("/etc/ssh/config", "ssh/config")]
    [InlineData("ssh//config", "ssh/config")]
    [InlineData("./motd", "motd")]
    [InlineData("/var/x", null)]
    [InlineData("/etc/../var", null)]
    [InlineData("../var", null)]
    [InlineData("/etc", null)]
    [InlineData("", null)]
    public void Paths_stay_below_etc(string text, string? path)
    {
        if (path is not null) Assert.Equal(path, MachineEtc.Below(text));
        else Assert.Contains("expected a path below /etc", Assert.Throws<RefusedException>(() => MachineEtc.Below(text)).Message);
    }
}
