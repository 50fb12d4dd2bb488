using System.Text;
using Firn.Formats.Trees;
using Firn.Images.Content;
using Firn.Images.Recipes;
using Firn.Tests.Formats;
using Firn.Tests.Formats.Tar;

namespace Firn.Tests.Images.Content;

/// <summary>The whole way from a recipe to a tree, for sources that need no privileges.</summary>
public sealed class RootSourceTests : IDisposable
{
    private const long Epoch = 1_500_000_000;
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Files_are_added_with_owners_modes_and_the_time_of_the_epoch()
    {
        Shell.Run("mkdir -p app/lib; printf a > app/run; chmod 775 app/run; printf b > app/lib/b; chmod 664 app/lib/b; ln -s run app/again; printf s > single; chmod 600 single", _scratch.Path);
        using var root = Load(Source().Symlink("bin", "usr/bin").Directory("usr").Directory("usr/bin").Directory("opt"), """
            users: [{ name: app, uid: 1500 }]
            files:
              - { path: /etc/a.conf, content: "a\n", owner: app, group: app, mode: "0600" }
              - { path: /bin/tool, from: ./single, mode: "4755" }
              - { path: /etc/plain, from: ./single }
              - { path: /opt/app, from: ./app, owner: 33 }
              - { path: /etc/mtab, link: /proc/mounts }
              - { path: /etc/a.conf, content: "later\n" }
            """);

        var tree = root.Tree;
        Assert.Equal("later\n"u8, tree.Find("etc/a.conf")!.Content.ReadAll());
        Assert.Equal((0x9edu, 0u, Epoch), About(tree.Find("usr/bin/tool")!));    // /bin is a link, and stays one
        Assert.Equal(FileKind.Symlink, tree.Find("bin")!.Kind);
        Assert.Equal((0x1a4u, 0u, Epoch), About(tree.Find("etc/plain")!));
        Assert.Equal((0x1edu, 33u, Epoch), About(tree.Find("opt/app")!));
        Assert.Equal((0x1edu, 33u, Epoch), About(tree.Find("opt/app/run")!));
        Assert.Equal((0x1a4u, 33u, Epoch), About(tree.Find("opt/app/lib/b")!));
        Assert.Equal("run", tree.Find("opt/app/again")!.LinkTarget.ToString());
        Assert.Equal("/proc/mounts", tree.Find("etc/mtab")!.LinkTarget.ToString());
    }

    [Fact]
    public void What_does_not_fit_the_source_is_reported_all_at_once_with_lines()
    {
        var error = Assert.Throws<RecipeException>(() => Load(Source().Symlink("gone", "/nowhere"), """
            files:
              - { path: /etc, content: x }
              - { path: /etc/a, content: x, owner: nobody-here }
              - { path: /etc/passwd/x, content: x }
              - { path: /gone/x, content: x }
            """));

        Assert.Equal(
        [
            "5: /etc is a directory in the root filesystem; expected the path of a file in it",
            "6: /etc/a: owner nobody-here is not a user of the root filesystem; add it under users, or give a number",
            "7: /etc/passwd: passwd is not a directory; expected a path whose directories are directories",
            "8: /gone: /gone is a symbolic link that leads nowhere; expected a path whose directories are directories",
        ], error.Problems.Select(problem => $"{problem.Line}: {problem.Message}"));
    }

    [Fact]
    public void What_belongs_to_one_machine_or_one_build_is_gone()
    {
        using var root = Load(Source()
            .File("usr/lib/systemd/systemd", "").File("usr/sbin/sshd", "").File("usr/bin/ssh-keygen", "").File("usr/lib/systemd/systemd-resolved", "")
            .File("etc/machine-id", "0123456789abcdef0123456789abcdef\n").File("var/lib/dbus/machine-id", "x")
            .File("etc/ssh/ssh_host_rsa_key", "secret").File("etc/ssh/ssh_host_rsa_key.pub", "x").File("etc/ssh/sshd_config", "kept")
            .File("var/lib/systemd/random-seed", "x").File("var/cache/ldconfig/aux-cache", "x").File("etc/passwd-", "x")
            .File("var/lib/apt/lists/deb_Packages", "x").File("var/cache/apt/archives/a.deb", "x").File("var/cache/apt/pkgcache.bin", "x")
            .Directory("var/lib/apt/lists/partial").File("var/lib/dpkg/status-old", "x")
            .File("var/log/dpkg.log", "x").File("var/log/apt/term.log", "x").File("var/log/wtmp", "x").File("var/log/journal/id/a.journal", "x")
            .File("etc/fstab", "/dev/sda1 / ext4").File("etc/resolv.conf", "nameserver 10.0.0.1").File("etc/hostname", "builder")
            .File("etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\tbuilder\n10.0.0.1\tkept\n").File("tmp/x", "x").File("run/x", "x").File(".dockerenv", ""),
            "hostname: edge.example.org");

        Assert.Equal(
            """
            .
            ./boot
            ./data
            ./dev
            ./etc
            ./etc/fstab=
            ./etc/hostname=edge.example.org
            ./etc/hosts=127.0.0.1	localhost|10.0.0.1	kept|127.0.1.1	edge.example.org edge
            ./etc/machine-id=
            ./etc/passwd=root:x:0:0::/root:/bin/sh
            ./etc/resolv.conf -> ../run/systemd/resolve/stub-resolv.conf
            ./etc/shadow=root:*:1:0:99999:7:::
            ./etc/ssh
            ./etc/ssh/sshd_config=kept
            ./home
            ./mnt
            ./proc
            ./root
            ./run
            ./sys
            ./tmp
            ./usr
            ./usr/bin
            ./usr/bin/ssh-keygen=
            ./usr/lib
            ./usr/lib/systemd
            ./usr/lib/systemd/system
            ./usr/lib/systemd/system/firn-ssh-host-keys.service
            ./usr/lib/systemd/system/multi-user.target.wants
            ./usr/lib/systemd/system/multi-user.target.wants/firn-ssh-host-keys.service -> ../firn-ssh-host-keys.service
            ./usr/lib/systemd/systemd-resolved=
            ./usr/lib/systemd/systemd=
            ./usr/sbin
            ./usr/sbin/sshd=
            ./var
            ./var/cache
            ./var/cache/apt
            ./var/cache/apt/archives
            ./var/cache/ldconfig
            ./var/lib
            ./var/lib/apt
            ./var/lib/apt/lists
            ./var/lib/apt/lists/partial
            ./var/lib/dbus
            ./var/lib/dbus/machine-id -> /etc/machine-id
            ./var/lib/dpkg
            ./var/lib/systemd
            ./var/log
            ./var/log/apt
            ./var/log/journal
            ./var/log/wtmp=
            ./var/tmp
            """, string.Join('\n', TreeListing.Walk(".", root.Tree.Root).Select(Shown).Order(StringComparer.Ordinal)));
        Assert.Equal((0x3ffu, 0x3ffu, 0x1edu), (root.Tree.Find("tmp")!.Mode, root.Tree.Find("var/tmp")!.Mode, root.Tree.Root.Mode));
        Assert.All(TreeListing.Walk(".", root.Tree.Root), named => Assert.InRange(named.Node.ModifiedSeconds, 0, Epoch));
    }

    [Fact]
    public void What_the_recipe_itself_adds_stays_even_there()
    {
        using var root = Load(Source(), """
            files:
              - { path: /etc/ssh/ssh_host_rsa_key, content: mine, mode: "0600" }
              - { path: /etc/machine-id, content: mine }
              - { path: /etc/fstab, content: mine }
              - { path: /etc/resolv.conf, content: mine }
              - { path: /etc/hostname, content: mine }
              - { path: /etc/hosts, content: mine }
              - { path: /var/log/app.log, content: mine }
              - { path: /var/log/journal/mine, content: mine }
              - { path: /tmp/deep/mine, content: mine }
            """);

        foreach (var path in new[] { "etc/ssh/ssh_host_rsa_key", "etc/machine-id", "etc/fstab", "etc/resolv.conf", "etc/hostname", "etc/hosts", "var/log/app.log", "var/log/journal/mine", "tmp/deep/mine" })
            Assert.Equal("mine", Encoding.UTF8.GetString(root.Tree.Find(path)!.Content.ReadAll()));
    }

    [Fact]
    public void Removals_come_after_files_and_one_that_removes_nothing_is_worth_a_warning()
    {
        using var root = Load(Source().Directory("usr").Directory("usr/share").Directory("usr/share/doc").File("usr/share/doc/x", "x"), """
            files: [{ path: /opt/a, content: x }, { path: /opt/b, content: x }]
            remove: [/usr/share/doc, /opt/a, /no/such]
            """);

        Assert.Null(root.Tree.Find("usr/share/doc"));
        Assert.Null(root.Tree.Find("opt/a"));
        Assert.NotNull(root.Tree.Find("opt/b"));
        Assert.Equal("r.yaml: remove: /no/such is not in the root filesystem", Assert.Single(root.Warnings).ToString());
    }

    [Fact]
    public void The_same_recipe_and_source_are_the_same_tree()
    {
        string Listing()
        {
            using var root = Load(Source(), "users: [{ name: app, password: secret }]\nfiles: [{ path: /etc/a, content: x }]");
            return TreeListing.Of(root.Tree) + string.Join('\n', root.Inputs);
        }

        Assert.Equal(Listing(), Listing());
    }

    [Fact]
    public void Inputs_say_what_went_in()
    {
        using var root = Load(Source().File("var/lib/dpkg/status", "Package: b\nVersion: 2\n\nPackage: a\nVersion: 1\n"), "");

        var hash = Shell.Run("sha256sum root.tar | cut -c1-64", _scratch.Path).Trim();
        var packages = Shell.Run(@"printf 'a=1\nb=2' | sha256sum | cut -c1-64", _scratch.Path).Trim();
        Assert.Equal($"tar sha256:{hash}", root.Inputs["source"]);
        Assert.Equal($"2 sha256:{packages}", root.Inputs["packages"]);
        Assert.StartsWith("sha256:", root.Inputs["recipe"]);
    }

    [Fact]
    public void A_failure_leaves_nothing_in_the_work_directory()
    {
        File.WriteAllBytes(_scratch.File("root.tar"), new TarBuilder().File("a/../b", "").Build());
        Shell.Run("gzip -f root.tar && mv root.tar.gz root.tar", _scratch.Path);
        var recipe = RecipeReader.Read("name: box\nversion: 1\nsource: { tar: root.tar }", "r.yaml", _scratch.Path);

        Assert.Throws<InvalidDataException>(() => RootSource.Load(recipe, _scratch.File("work"), epoch: Epoch));

        Assert.Empty(Directory.GetFileSystemEntries(_scratch.File("work")));
    }

    private static TarBuilder Source() =>
        new TarBuilder().Directory("./", 0x1c0).Directory("etc").File("etc/passwd", "root:x:0:0::/root:/bin/sh\n").File("etc/shadow", "root:*:1:0:99999:7:::\n");

    private LoadedRoot Load(TarBuilder source, string more)
    {
        File.WriteAllBytes(_scratch.File("root.tar"), source.Build());
        var recipe = RecipeReader.Read($"name: box\nversion: 1\nsource: {{ tar: root.tar }}\n{more}", "r.yaml", _scratch.Path);
        return RootSource.Load(recipe, _scratch.File("work"), epoch: Epoch);
    }

    private static (uint, uint, long) About(FileNode node) => (node.Mode, node.Uid, node.ModifiedSeconds);

    private static string Shown((string Path, FileNode Node) named) => named.Path + named.Node.Kind switch
    {
        FileKind.Symlink => $" -> {named.Node.LinkTarget}",
        FileKind.File when !named.Path.EndsWith("keys.service", StringComparison.Ordinal) =>
            $"={Encoding.UTF8.GetString(named.Node.Content.ReadAll()).TrimEnd('\n').Replace('\n', '|')}",
        _ => "",
    };
}
