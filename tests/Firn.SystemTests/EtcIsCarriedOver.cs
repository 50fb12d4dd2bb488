using Firn.Formats.Resets;
using Firn.Linux.Mounts;
using Firn.Machine.Etc;
using Firn.Settings.Reset;

namespace Firn.SystemTests;

/// <summary>With the kernel's overlayfs as the judge: what it writes to an upper directory, and what it shows of ours.</summary>
public sealed class EtcIsCarriedOver : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("firn-etc-").FullName;

    public EtcIsCarriedOver()
    {
        HostTool.RequireRoot();
        // the upper directory must be on a filesystem that has trusted attributes
        HostTool.Run("mount", "-t", "tmpfs", "tmpfs", _directory);
        foreach (var name in new[] { "old", "upper", "work", "mount", "new", "work-new" }) Directory.CreateDirectory(At(name));
    }

    public void Dispose()
    {
        HostTool.Run("umount", _directory);
        Directory.Delete(_directory);
    }

    private string At(string name) => Path.Combine(_directory, name);

    private void Shell(string directory, string script) => HostTool.Run("sh", "-ec", $"cd {At(directory)}; {script}");

    private string Overlay(string lower, string upper, string work, string script)
    {
        HostTool.Run("mount", "-t", "overlay", "overlay", "-o", $"lowerdir={At(lower)},upperdir={At(upper)},workdir={At(work)}", At("mount"));
        try
        {
            return HostTool.Run("sh", "-ec", $"cd {At("mount")}; {script}");
        }
        finally
        {
            HostTool.Run("umount", At("mount"));
        }
    }

    private EtcCarryResult Carry() =>
        EtcCarry.Run(At("old"), At("upper"), At("new"), At("b/upper"), At("b/conflicts.json"));

    private string Seen(string script) => Overlay("new", "b/upper", "work-new", script);

    [Fact]
    public void What_a_machine_did_to_its_etc_is_there_after_the_update()
    {
        Shell("old", "echo 1 > same; echo 1 > changed; echo 1 > deleted; echo 1 > mode; echo 1 > owner; ln -s same link; "
            + "mkdir -p dir/sub gone replaced; echo 1 > dir/sub/deep; echo 1 > gone/x; echo 1 > replaced/hidden; echo 1 > filetodir; mkdir dirtofile; echo 1 > both; printf 'root:x:0:0::/:/s\\n' > passwd");
        Overlay("old", "upper", "work", "echo 2 > changed; rm deleted; chmod 600 mode; chown 12:34 owner; ln -sf elsewhere link; "
            + "echo 2 > dir/sub/mine; rm -r gone; rm -r replaced; mkdir replaced; echo 2 > replaced/mine; rm filetodir; mkdir filetodir; echo 2 > filetodir/in; "
            + "rmdir dirtofile; echo 2 > dirtofile; echo 2 > both; setfattr -n user.tag -v me dir; setfattr -n trusted.mark -v x changed; "
            + "mkfifo pipe; echo h > hard1; ln hard1 hard2; printf 'al:x:1000:1000::/:/s\\n' >> passwd; touch -d @1234567890 dated; setfacl -m u:12:r mode; "
            + "setcap cap_net_raw+ep changed; chmod 4755 owner; printf weird > \"$(printf 'n\\377me')\"");
        Shell("new", "echo 9 > same; echo 1 > changed; echo 1 > deleted; echo 1 > mode; echo 1 > owner; ln -s same link; "
            + "mkdir -p dir/sub gone replaced; echo 1 > dir/sub/deep; echo 9 > dir/sub/new; echo 1 > gone/x; echo 1 > replaced/hidden; echo 1 > filetodir; mkdir dirtofile; echo 9 > both; echo 9 > fresh; "
            + "printf 'root:x:0:0::/:/s\\ndb:x:105:5::/:/s\\n' > passwd");
        var upperBefore = Listing("upper");

        var result = Carry();

        Assert.Equal("both", Assert.Single(result.Conflicts).Path);
        Assert.Equal(upperBefore, Listing("upper"));
        Assert.Equal("""
            9 9 2 2
            640 12:34 4755 elsewhere
            1 9 2
            mine 2 2
            root al 105 h 1234567890
            2 9

            """.Replace("root al 105", "root:x:0:0::/:/s db:x:105:5::/:/s al:x:1000:1000::/:/s"), Seen(
            "echo $(cat same fresh changed both); test ! -e deleted; test ! -e gone; "
            + "echo $(stat -c %a mode) $(stat -c %u:%g owner) $(stat -c %a owner) $(readlink link); "
            + "echo $(cat dir/sub/deep dir/sub/new dir/sub/mine); test ! -e replaced/hidden; "
            + "echo $(ls replaced) $(cat filetodir/in dirtofile); "
            + "test -p pipe; test hard1 -ef hard2; "
            + "echo $(cat passwd) $(cat hard2) $(stat -c %Y dated); echo $(cat both both.firn-new); "
            + "test \"$(getfattr --only-values -n user.tag dir)\" = me; test \"$(getfattr --only-values -n trusted.mark changed)\" = x; "
            + "getfacl -p mode | grep -q 'user:12:r'; getcap changed | grep -q cap_net_raw; test \"$(cat \"$(printf 'n\\377me')\")\" = weird"));
    }

    [Fact]
    public void A_machine_that_changed_nothing_gets_an_empty_upper_directory()
    {
        Shell("old", "echo 1 > a; mkdir d; echo 1 > d/b; chmod 750 d");
        Overlay("old", "upper", "work", "touch a; chmod 640 d/b; chmod 644 d/b");
        Shell("new", "echo 2 > a; mkdir d; echo 2 > d/b; chmod 750 d");

        Assert.Equal(0, Carry().Entries);

        Assert.Equal("2 2", Seen("echo $(cat a d/b)").Trim());
    }

    [Fact]
    public void A_later_update_replaces_what_an_earlier_one_left_in_the_slot()
    {
        Shell("old", "echo 1 > a");
        Overlay("old", "upper", "work", "echo mine > a");
        Shell("new", "echo 1 > a");
        Directory.CreateDirectory(At("b/upper/stale"));
        Directory.CreateDirectory(At("b/upper.firn-tmp/half"));    // an attempt that a power cut ended

        Carry();

        Assert.Equal("mine a", Seen("echo $(cat a) $(ls)").Trim());
        Assert.False(Directory.Exists(At("b/upper.firn-tmp")));
    }

    [Fact]
    public void The_merge_is_the_same_over_and_over()
    {
        Shell("old", "echo 1 > a; echo 1 > b; mkdir d");
        Overlay("old", "upper", "work", "echo 2 > a; rm b; echo 2 > d/c");
        Shell("new", "echo 1 > a; echo 1 > b; mkdir d; echo 1 > e");
        Carry();
        var first = Listing("b/upper");

        Carry();

        Assert.Equal(first, Listing("b/upper"));
    }

    private string Listing(string directory) =>
        HostTool.Run("sh", "-ec", $"cd {At(directory)}; find . -printf '%p %y %m %u %g %s %T@ %l\\n' | sort; getfattr -R -h -d -m - . 2>/dev/null");

    [Fact]
    public void After_a_factory_reset_the_image_shines_through_around_what_was_kept()
    {
        Shell("old", "mkdir ssh; echo 1 > ssh/config; echo 1 > issue; echo 1 > gone");
        foreach (var name in new[] { "data/firn/etc/a/upper", "data/work" }) Directory.CreateDirectory(At(name));
        Overlay("old", "data/firn/etc/a/upper", "data/work", "rm -r ssh; mkdir ssh; echo 2 > ssh/key; echo 2 > ssh/other; echo 2 > issue; rm gone; echo 2 > own");
        var reset = new FactoryReset(At("data"));
        reset.Request([KeepPattern.TryParse("/etc/ssh/key")!]);

        reset.Run();

        Directory.CreateDirectory(At("data/work"));
        Assert.Equal("gone\nissue\nssh\nconfig\nkey\n1\n", Overlay("old", "data/firn/etc/a/upper", "data/work", "ls; ls ssh; cat issue"));
    }

    [Fact]
    public void What_lies_below_a_mount_is_seen_without_it()
    {
        Shell("old", "echo 1 > issue");
        Overlay("old", "upper", "work", "echo 2 > issue");
        HostTool.Run("mount", "--bind", At("upper"), At("old"));
        try
        {
            using var below = DetachedMount.Of(_directory);
            Assert.Equal("2\n", File.ReadAllText(At("old/issue")));
            Assert.Equal("1\n", File.ReadAllText(Path.Combine(below.Path, "old/issue")));
        }
        finally
        {
            HostTool.Run("umount", At("old"));
        }
    }
}
