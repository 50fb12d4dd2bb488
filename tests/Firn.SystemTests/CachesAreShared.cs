namespace Firn.SystemTests;

/// <summary>Whatever a cache directory is like, the image comes out the same; and who cannot write to it is told.</summary>
public sealed class CachesAreShared : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public CachesAreShared()
    {
        HostTool.RequireRoot();
        HostTool.Run("chmod", "755", _directory[""]);
        Directory.CreateDirectory(_directory["tree"]);
        var random = new Random(1);
        for (var i = 0; i < 40; i++)
        {
            var noise = new byte[100_000];
            random.NextBytes(noise);
            File.WriteAllText(_directory[$"tree/{i}"], Convert.ToHexString(noise));    // what does not compress, the cache does not keep
        }
        foreach (var user in new[] { 2001, 2002 })
        {
            Directory.CreateDirectory(_directory[$"{user}"]);
            HostTool.Run("chown", $"{user}:100", _directory[$"{user}"]);
        }
        Directory.CreateDirectory(_directory["cache"]);
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Two_users_of_a_group_use_each_others_blocks()
    {
        HostTool.Run("chgrp", "100", _directory["cache"]);
        HostTool.Run("chmod", "2775", _directory["cache"]);

        var (first, second) = (Squash(2001), Squash(2002));
        File.WriteAllText(_directory["tree/new"], new string('n', 50_000));
        var (third, fourth) = (Squash(2002), Squash(2001));

        Assert.All([first, second, third, fourth], error => Assert.DoesNotContain("warning", error));
        Assert.Equal(File.ReadAllBytes(_directory["2001/image"]), File.ReadAllBytes(_directory["2002/image"]));
        var packs = Packs();
        Assert.Equal(2, packs.Length);    // what one user compressed, the other did not
        Assert.Equal(["2001", "2002"], packs.Select(pack => HostTool.Run("stat", "-c", "%u", pack).Trim()).Order());
    }

    [Fact]
    public void Who_may_only_read_is_served_and_told()
    {
        HostTool.Run("chown", "2001", _directory["cache"]);
        HostTool.Run("chmod", "755", _directory["cache"]);

        var empty = Squash(2002);
        Squash(2001);
        File.Delete(_directory["2002/image"]);
        File.WriteAllText(_directory["tree/new"], new string('n', 50_000));
        var served = Squash(2002);

        Assert.Contains("the cache keeps little or nothing of this build", empty);
        Assert.Contains("the cache keeps little or nothing of this build", served);
        Assert.Single(Packs());
        Assert.True(File.Exists(_directory["2002/image"]));
    }

    [Fact]
    public void A_full_disk_costs_the_cache_and_nothing_else()
    {
        HostTool.Run("mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "cache", _directory["cache"]);
        try
        {
            var full = Squash(2001);
            Assert.Contains("the cache keeps little or nothing of this build", full);
            Assert.Contains("No space left on device", full);

            HostTool.Run("mount", "-o", "remount,size=100m", _directory["cache"]);
            Assert.DoesNotContain("warning", Squash(2001));
            Assert.DoesNotContain("warning", Squash(2002));
        }
        finally
        {
            HostTool.Run("umount", _directory["cache"]);
        }
        Assert.Equal(File.ReadAllBytes(_directory["2001/image"]), File.ReadAllBytes(_directory["2002/image"]));
    }

    [Fact]
    public void Pruning_goes_on_past_what_only_another_may_remove()
    {
        HostTool.Run("chgrp", "100", _directory["cache"]);
        HostTool.Run("chmod", "3775", _directory["cache"]);    // as /tmp is: what is in it can be removed by its owner only
        Squash(2001);
        File.WriteAllText(_directory["tree/new"], new string('n', 50_000));
        Squash(2002);
        Assert.Equal(2, Packs().Length);

        var (code, error) = OtherUser.Run(2002, "cache", "prune", "--cache", _directory["cache"], "--limit", "0");

        Assert.True(code == 0, error);
        Assert.Contains("warning: 1 packs that had to go stay", error);
        Assert.Equal("2001", HostTool.Run("stat", "-c", "%u", Assert.Single(Packs())).Trim());
    }

    private string Squash(int user)
    {
        var (code, error) = OtherUser.Run(user, "image", "squash", _directory["tree"], _directory[$"{user}/image"],
            "--level", "1", "--cache", _directory["cache"]);
        Assert.True(code == 0, error);
        return error;
    }

    private string[] Packs() => Directory.GetFiles(_directory["cache"], "*.pack", SearchOption.AllDirectories);
}
