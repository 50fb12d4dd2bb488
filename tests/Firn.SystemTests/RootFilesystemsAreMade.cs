using System.Text;
using Firn.Formats.Trees;
using Firn.Images.Building;
using Firn.Images.Content;
using Firn.Images.Recipes;

namespace Firn.SystemTests;

/// <summary>What needs root or a Debian mirror: commands inside the root filesystem, and mmdebstrap.</summary>
public sealed class RootFilesystemsAreMade : IDisposable
{
    private readonly TemporaryDirectory _scratch = new();
    private readonly List<string> _steps = [];

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Commands_run_as_root_after_users_and_files_in_a_place_of_their_own()
    {
        using var root = Load(BusyboxRoot(), """
            users: [{ name: app, uid: 1500, password: secret }]
            files:
              - { path: /etc/resolv.conf, link: ../run/resolver/conf }
              - { path: /opt/script, mode: "0755", owner: app, content: "#!/bin/sh\necho from the script\n" }
            commands:
              - /opt/script > /opt/out
              - "id -u > /opt/uid; grep -c ^app: /etc/passwd > /opt/users"
              - cat > /opt/stdin; echo gone > /tmp/gone; echo gone > /run/gone; echo x > /dev/null
              - ls /proc/self > /dev/null && ps > /opt/processes && chown app /opt/uid
              - "echo $SOURCE_DATE_EPOCH $HOME > /opt/environment"
              - "cat /etc/resolv.conf > /opt/resolver"
              - "sleep 1000 & echo started > /opt/background"
              - "touch \"/opt/$(printf 'not-\\377-utf8')\""
            """);

        Assert.Equal("from the script\n", Text(root, "opt/out"));
        Assert.Equal("0\n", Text(root, "opt/uid"));
        Assert.Equal(1500u, root.Tree.Find("opt/uid")!.Uid);
        Assert.Equal("1\n", Text(root, "opt/users"));
        Assert.Equal("", Text(root, "opt/stdin"));
        Assert.Equal("1500000000 /root\n", Text(root, "opt/environment"));
        Assert.Equal(File.ReadAllText("/etc/resolv.conf"), Text(root, "opt/resolver"));
        Assert.DoesNotContain("dotnet", Text(root, "opt/processes"));
        Assert.Contains(root.Tree.Find("opt")!.Children.Keys, name => name.Span.SequenceEqual((ReadOnlySpan<byte>)[.. "not-"u8, 0xff, .. "-utf8"u8]));
        Assert.All(root.Tree.Walk(), named => Assert.InRange(named.Node.ModifiedSeconds, 0, 1_500_000_000));
        Assert.Equal("../run/resolver/conf", root.Tree.Find("etc/resolv.conf")!.LinkTarget.ToString());
        Assert.Equal(["null"], root.Tree.Find("dev")!.Children.Keys.Select(name => name.ToString()));
        Assert.Equal((FileKind.CharacterDevice, new DeviceNumber(1, 3)), (root.Tree.Find("dev/null")!.Kind, root.Tree.Find("dev/null")!.Device));
        Assert.Equal([1, 0, 255], Assert.Single(root.Tree.Find("etc/marked")!.Attributes).Value);
        Assert.Same(root.Tree.Find("etc/marked"), root.Tree.Find("etc/marked-too"));
        NothingIsLeft();
    }

    [Fact]
    public void A_command_that_fails_is_shown_with_its_line_and_its_last_words()
    {
        var error = Assert.Throws<RecipeException>(() => Load(BusyboxRoot(), """
            commands:
              - "true"
              - echo before >&2; echo why; exit 7
              - touch /never
            """));

        Assert.Equal("r.yaml:6: the command 'echo before >&2; echo why; exit 7' failed with exit code 7:\nbefore\nwhy", error.Message);
        NothingIsLeft();
    }

    [Fact]
    public void A_root_filesystem_without_a_shell_is_named_as_the_reason()
    {
        var error = Assert.Throws<RecipeException>(() => Load(BusyboxRoot("rm tree/bin/sh"), "commands: [echo hello]"));

        Assert.Contains("r.yaml:4: the command 'echo hello' failed with exit code 127", error.Message);
        Assert.Contains("/bin/sh", error.Message);
        NothingIsLeft();
    }

    [Fact]
    public void Debian_packages_become_a_root_filesystem_and_the_cache_keeps_it()
    {
        const string source = "debian: { suite: bookworm, variant: extract, packages: [busybox-static] }";
        const string more = "files: [{ path: /bin/sh, link: busybox }]\ncommands: [busybox echo hello > /greeting]";
        using var first = Load(source, more, _scratch["cache"]);
        Assert.Contains("install Debian packages", _steps);
        _steps.Clear();

        using var second = Load(source, more, _scratch["cache"]);

        Assert.DoesNotContain("install Debian packages", _steps);
        Assert.Equal(Listing(first), Listing(second));
        Assert.Equal("hello\n", Text(second, "greeting"));
        Assert.Equal("debian bookworm extract", second.Inputs["source"]);
        Assert.Equal("r.yaml:1: no user has a password or an SSH key: nobody will be able to log in", Assert.Single(second.Warnings).ToString());
        Assert.Single(Directory.GetFiles(_scratch["cache"]));
        NothingIsLeft();
    }

    [Fact]
    public void A_package_that_does_not_exist_is_named()
    {
        var error = Assert.Throws<ToolException>(() =>
            Load("debian: { suite: bookworm, variant: extract, packages: [no-such-package] }", "", _scratch["cache"]));

        Assert.Contains("Unable to locate package no-such-package", error.Message);
        Assert.Empty(Directory.GetFiles(_scratch["cache"]));
        NothingIsLeft();
    }

    private LoadedRoot Load(string source, string more, string? cache = null)
    {
        if (!Environment.IsPrivilegedProcess) Assert.Skip("commands and device nodes need root");
        Directory.CreateDirectory(_scratch["work"]);
        var recipe = RecipeReader.Read($"name: box\nversion: 1\nsource: {{ {source} }}\n{more}", "r.yaml", _scratch["."]);
        return RootSource.Load(recipe, _scratch["work"], cache, _steps.Add, epoch: 1_500_000_000);
    }

    /// <summary>The smallest tree with a shell, a device and an attribute that is not text.</summary>
    private string BusyboxRoot(string change = ":")
    {
        HostTool.Run("sh", "-euc", $"""
            cd {_scratch["."]}
            mkdir -p tree/bin tree/etc tree/dev tree/opt
            cp /bin/busybox tree/bin/
            for name in sh id cat grep ls ps chown sleep touch printf echo true; do ln -s busybox tree/bin/$name; done
            echo root:x:0:0::/root:/bin/sh > tree/etc/passwd
            mknod tree/dev/null c 1 3
            echo x > tree/etc/marked
            ln tree/etc/marked tree/etc/marked-too
            setfattr -n user.mark -v 0x0100ff tree/etc/marked
            {change}
            tar --create --file=root.tar --format=pax --xattrs -C tree .
            """);
        return "tar: root.tar";
    }

    private void NothingIsLeft()
    {
        Assert.Empty(Directory.GetFileSystemEntries(_scratch["work"]));
        Assert.DoesNotContain(_scratch["work"], File.ReadAllText("/proc/self/mounts"));
    }

    private static string Text(LoadedRoot root, string path) => Encoding.UTF8.GetString(root.Tree.Find(path)!.Content.ReadAll());

    private static string Listing(LoadedRoot root) => string.Join('\n', root.Tree.Walk().Select(named =>
        $"{named.Path} {named.Node.Kind} {named.Node.Mode} {named.Node.Uid} {named.Node.Gid} {named.Node.ModifiedSeconds} "
        + $"{named.Node.LinkTarget} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(named.Node.Content.ReadAll()))}"));
}
