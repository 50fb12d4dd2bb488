using Firn.Agent.Rescue;
using Firn.Formats.Resets;
using Firn.Machine.Boot;
using Firn.Tests.Formats;

namespace Firn.Tests.Agent.Rescue;

public sealed class RescueSettingsTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public RescueSettingsTests()
    {
        Write("etc/hostname", "box", "644");
        Write("etc/shadow", "root:x", "640");
        Write("etc/firn/web.password", "$6$hash", "600");
        Write("etc/firn/health.d/50-x", "", "755");
        Write("etc/systemd/network/10-lan.network", "[Match]", "644");
        Write("etc/systemd/network/notes.txt", "", "644");
        Shell.Run("ln -s /etc/shadow etc/machine-id", _scratch.Path);
    }

    private MachinePaths Paths => new(_scratch.Path);

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void What_rescue_needs_is_kept_for_root_alone_and_nothing_else()
    {
        Keep("/etc/systemd/network/*.network");

        Assert.Equal(
            "700 data/firn/rescue\n755 data/firn/rescue/etc\n755 data/firn/rescue/etc/firn\n600 data/firn/rescue/etc/firn/web.password\n644 data/firn/rescue/etc/hostname\n"
            + "755 data/firn/rescue/etc/systemd\n755 data/firn/rescue/etc/systemd/network\n644 data/firn/rescue/etc/systemd/network/10-lan.network\n",
            Shell.Run("find data/firn/rescue | LC_ALL=C sort | xargs stat -c '%a %n'", _scratch.Path));
    }

    [Fact]
    public void What_is_gone_goes_what_changed_changes_and_the_rest_is_not_written()
    {
        Keep();
        var inode = Shell.Run("stat -c %i data/firn/rescue/etc/hostname", _scratch.Path);
        File.Delete(_scratch.File("etc/firn/web.password"));
        Write("etc/firn/agent.conf", "web=80\n", "644");
        Keep();
        Write("etc/firn/agent.conf", "web=81\n", "600");
        Keep();

        Assert.False(File.Exists(_scratch.File("data/firn/rescue/etc/firn/web.password")));
        Assert.Equal("600 web=81\n", Shell.Run("stat -c %a data/firn/rescue/etc/firn/agent.conf | tr '\\n' ' '; cat data/firn/rescue/etc/firn/agent.conf", _scratch.Path));
        Assert.Equal(inode, Shell.Run("stat -c %i data/firn/rescue/etc/hostname", _scratch.Path));
    }

    [Theory]
    [InlineData("wait=yes\nkeep=/etc/a\n", true, 1)]
    [InlineData("wait=no\n", false, 0)]
    [InlineData("", false, 0)]
    public void The_image_says_what_is_done(string text, bool waits, int keeps)
    {
        Write(RescueConfiguration.SettingsPath, text, "644");
        var configuration = RescueConfiguration.Read(_scratch.Path);
        Assert.Equal((waits, keeps), (configuration.IsWaiting, configuration.Keep.Length));
    }

    [Fact]
    public void The_reason_is_known_before_anybody_waits_and_only_in_rescue()
    {
        Assert.Null(RescueReports.Read(Paths));
        Write("run/firn/rescue", "overlay\n", "644");
        Write("run/firn/rescue.json", "{", "644");
        Assert.Equal(RescueCause.Overlay.Words(), RescueReports.Read(Paths)!.Why);

        RescueReports.Write(Paths, new("why", "what", ["way"], ["problem"]));
        Assert.Equal(["rescue: why; what", "rescue: problem", "rescue: way"], RescueReports.Read(Paths)!.Lines());
    }

    private void Keep(params string[] patterns) => RescueSettings.Keep(Paths, patterns.Select(text => KeepPattern.TryParse(text)!));

    private void Write(string path, string text, string mode)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_scratch.File(path))!);
        File.WriteAllText(_scratch.File(path), text);
        Shell.Run($"chmod {mode} {path}", _scratch.Path);
    }
}
