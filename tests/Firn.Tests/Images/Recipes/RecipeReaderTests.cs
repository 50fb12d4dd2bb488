using Firn.Formats.Overlays;
using Firn.Formats.Releases;
using Firn.Images.Recipes;
using Firn.Tests.Formats;

namespace Firn.Tests.Images.Recipes;

public sealed class RecipeReaderTests
{
    private const string Complete = """
        name: edge-box
        version: 1.4.0
        hardware: x86-64
        source:
          debian:
            suite: bookworm
            variant: apt
            packages: [systemd-sysv, "libc6:amd64", nano=7.2-1]
            mirrors: ["deb [trusted=yes] http://127.0.0.1/debian bookworm main", http://127.0.0.1/debian]
            components: [main, non-free-firmware]
        files:
          - { path: /etc/motd, content: "hello\n", mode: "0600", owner: app, group: 33 }
          - { path: /etc/localtime, link: /usr/share/zoneinfo/UTC }
        remove: [/usr/share/doc]
        commands: ["systemctl enable app"]
        hostname: edge
        users:
          - { name: root, password-hash: "$6$salt$hash" }
          - { name: app, password: "s: 1", ssh-keys: ["ssh-ed25519 AAAAC3Nza app@edge"], uid: 1500, groups: [sudo], shell: /bin/bash, home: /srv/app }
        kernel: { command-line: "quiet loglevel=3", modules: [nvme], version: 6.1.0-50-amd64 }
        serial: off
        layout: { esp: 128M, boot: 64M, root: 1G, data: 256M, rescue: true, disk: 8G }
        squashfs: { level: 15, block: 1M }
        persistence: { etc: none, var: data, home: none, root: data, keep: [/etc/machine-id, "/data/*/id"] }
        verity: { on-corruption: restart }
        update: { tries: 5, deadline: 90s, watchdog: 2m }
        """;

    [Theory]
    [InlineData("", null)]
    [InlineData("layout: { rescue: true }", false)]
    [InlineData("layout: { rescue: true }\nrepository: { urls: ['https://h'], root: /dev/null }", true)]
    [InlineData("layout: { rescue: true }\nfiles: [{ path: /etc/firn/swu.conf, content: x }]", true)]
    [InlineData("layout: { rescue: true }\nrepository: { urls: ['https://h'], root: /dev/null }\nrescue: { wait: false, keep: [/etc/network/*] }", false)]
    public void Rescue_waits_where_there_is_something_to_judge_releases_by(string text, bool? waits) =>
        Assert.Equal(waits, RecipeReader.Read($"name: a\nversion: 1\nsource: {{ directory: . }}\n{text}", "recipe", "/").Rescue?.IsWaiting);

    [Fact]
    public void A_repository_has_mirrors_a_root_and_a_channel()
    {
        using var scratch = new Formats.ScratchDirectory();
        var root = scratch.Write("root.json", "{}"u8);

        var repository = RecipeReader.Read(
            "name: a\nversion: 1\nsource: { directory: . }\nrepository: { urls: ['https://one.example/x', 'file:///srv'], root: root.json }",
            "r.yaml", scratch.Path).Repository!;

        Assert.Equal(root, repository.RootFile);
        var settings = RepositorySettings.Read(repository.Settings.ToJson(), "repository.json");
        Assert.Equal(["https://one.example/x", "file:///srv"], settings.Urls);
        Assert.Equal(("stable", null), (settings.Channel, settings.Proxy));
    }

    [Theory]
    [InlineData("verity: true", CorruptionResponse.Error)]
    [InlineData("verity: {}", CorruptionResponse.Error)]
    [InlineData("verity: { on-corruption: panic }", CorruptionResponse.Panic)]
    [InlineData("verity: false", null)]
    public void Verity_is_a_word_or_says_more(string verity, CorruptionResponse? expected) =>
        Assert.Equal(expected, Read($"name: a\nversion: 1\nsource: {{ directory: . }}\n{verity}").Verity?.OnCorruption);

    [Fact]
    public void Overlays_have_sources_keys_and_a_policy()
    {
        const string key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";

        var overlays = RecipeReader.Read(
            $"name: a\nversion: 1\nsource: {{ directory: . }}\nlayout: {{ rescue: true }}\n"
            + $"overlays: {{ sources: ['label:OVL/a', 'http://h/a'], keys: [{key}], on-failure: rescue, secrets: KEYS, wait: 12s }}",
            "r.yaml", "/").Overlays!;

        var settings = OverlaySettings.Read(overlays.ToText(), "overlays.conf");
        Assert.Equal(["label:OVL/a", "http://h/a"], settings.Sources);
        Assert.Equal([key], settings.Keys);
        Assert.Equal((false, OverlayFailure.Rescue, "KEYS", 12), (settings.AllowsUnsigned, settings.OnFailure, settings.Secrets, settings.WaitSeconds));
    }

    [Fact]
    public void Every_key_is_read()
    {
        var recipe = RecipeReader.Read(Complete, "edge.yaml", "/");

        Assert.Equal(("edge-box", "1.4.0", "x86-64", "edge"), (recipe.Name, recipe.Version, recipe.Hardware, recipe.Hostname));
        var debian = Assert.IsType<RecipeSource.Debian>(recipe.Source);
        Assert.Equal(("bookworm", "apt"), (debian.Suite, debian.Variant));
        Assert.Equal(["systemd-sysv", "libc6:amd64", "nano=7.2-1"], debian.Packages);
        Assert.Equal(2, debian.Mirrors.Length);
        Assert.Equal(["main", "non-free-firmware"], debian.Components);
        Assert.Equal(("/etc/motd", new FileOrigin.Content("hello\n"), 0x180u, "app", "33", 12),
            (recipe.Files[0].Path.ToString(), recipe.Files[0].Origin, recipe.Files[0].Mode, recipe.Files[0].Owner, recipe.Files[0].Group, recipe.Files[0].Line));
        Assert.Equal(new FileOrigin.Link("/usr/share/zoneinfo/UTC"), recipe.Files[1].Origin);
        Assert.Equal("usr/share/doc", Assert.Single(recipe.Remove).Relative);
        Assert.Equal(new("systemctl enable app", 15), Assert.Single(recipe.Commands));
        Assert.Equal("$6$salt$hash", recipe.Users[0].PasswordHash);
        var app = recipe.Users[1];
        Assert.Equal(("s: 1", 1500u, "/bin/bash", "/srv/app"), (app.Password, app.Uid, app.Shell, app.Home!.ToString()));
        Assert.Equal(["sudo"], app.Groups);
        Assert.Equal(["ssh-ed25519 AAAAC3Nza app@edge"], app.SshKeys);
        Assert.Equal(("quiet loglevel=3", "6.1.0-50-amd64"), (recipe.Kernel.CommandLine, recipe.Kernel.Version));
        Assert.Equal(["nvme"], recipe.Kernel.Modules);
        Assert.Null(recipe.SerialConsole);
        Assert.Equal(new(128L << 20, 64L << 20, 1L << 30, 256L << 20, true, 8L << 30), recipe.Layout);
        Assert.Equal(new(15, 1 << 20), recipe.SquashFs);
        Assert.Equal(["/etc/machine-id", "/data/*/id"], recipe.Keep.Select(pattern => pattern.ToString()));
        Assert.Equal(new(Persistence.None, Persistence.Data, Persistence.None, Persistence.Data), recipe.Persistence);
        Assert.Equal(new(CorruptionResponse.Restart), recipe.Verity);
        Assert.Equal(new(5, TimeSpan.FromSeconds(90), TimeSpan.FromMinutes(2)), recipe.Update);
        Assert.Empty(recipe.Warnings);
    }

    [Fact]
    public void What_a_recipe_leaves_out_has_a_default()
    {
        var recipe = Read("name: box\nversion: 1\nsource: { directory: . }\n");

        Assert.Equal(("x86-64", "box", "ttyS0"), (recipe.Hardware, recipe.Hostname, recipe.SerialConsole));
        Assert.Equal(new(64L << 20, null, null, 256L << 20, false, null), recipe.Layout);
        Assert.Equal(new(9, 512 << 10), recipe.SquashFs);
        Assert.Equal(new(), recipe.Persistence);
        Assert.Equal(new(3, TimeSpan.FromMinutes(5), null), recipe.Update);
        Assert.Null(recipe.Verity);
        Assert.Equal("", recipe.Kernel.CommandLine);
        Assert.Empty(recipe.Kernel.Modules);
        Assert.Empty(recipe.Files);
        Assert.Empty(recipe.Users);
    }

    [Fact]
    public void All_problems_are_reported_at_once_in_the_order_of_lines()
    {
        const string text = """
            name: Edge Box
            verison: 1.0
            source: { tar: none.tar, oci: ./x }
            files:
              - { path: etc/motd, content: x }
              - { path: /etc/app, content: x, from: y }
              - { path: /etc/link, link: x, mode: "0644" }
            users: { name: root }
            layout: { esp: 64X, disk: 1M }
            serial: COM1
            verity: yes
            name: again
            """;

        var problems = Assert.Throws<RecipeException>(() => Read(text)).Problems;

        Assert.Equal(
        [
            "r.yaml:1: name cannot be 'Edge Box'; expected lower-case letters, digits, '.' and '-', beginning and ending with a letter or digit, such as edge-box",
            "r.yaml:1: version is missing; expected up to 64 letters, digits and .-+~_ without spaces, such as 1.4.0",
            "r.yaml:2: unknown key 'verison'; did you mean 'version'?",
            "r.yaml:3: source has tar and oci; expected only one of debian, tar, directory and oci",
            "r.yaml:5: a file.path cannot be 'etc/motd'; expected an absolute path below / without '..', such as /etc/motd",
            "r.yaml:6: a file needs exactly one of content, from and link; look at /etc/app",
            "r.yaml:7: a symbolic link has no mode of its own; leave mode out",
            "r.yaml:8: users must be a list, not keys with values; expected [{ name: … }, …]",
            "r.yaml:9: layout.esp cannot be '64X'; expected a size in whole MiB such as 64M or 2G",
            "r.yaml:9: layout.disk cannot be 1M: the sizes beside it need 323M; expected at least that, or auto",
            "r.yaml:10: serial cannot be 'COM1'; expected ttyS0, ttyS1, ttyS2, ttyS3 or off",
            "r.yaml:11: verity cannot be 'yes'; expected true, false or { on-corruption: … }",
            "r.yaml:12: key 'name' was already given on line 1; keep one of them",
        ], problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData("source: {}", "source has nothing in it")]
    [InlineData("source: { tar: missing.tar }", "tar: there is no file 'missing.tar'")]
    [InlineData("source: { directory: missing }", "directory: there is no directory 'missing'")]
    [InlineData("source: { oci: missing:tag }", "there is no layout 'missing'")]
    [InlineData("source: { debian: { packages: [nano] } }", "debian.suite is missing")]
    [InlineData("source: { debian: { suite: sid, packages: ['nano; reboot'] } }", "debian.packages cannot be 'nano; reboot'")]
    [InlineData("source: { debian: { suite: sid, packages: nano } }", "debian.packages must be a list")]
    [InlineData("source: { debian: { suite: sid, mirrors: [\"deb http://x\\nrm\"] } }", "debian.mirrors cannot be 'deb http://x·rm'")]
    [InlineData("source: { debian: { suite: sid, variant: minbaes } }", "debian.variant cannot be 'minbaes'; expected minbase, apt")]
    [InlineData("source: { directory: . }\nversion: 1 2", "version cannot be '1 2'")]
    [InlineData("source: { directory: . }\nverity: { on-corruption: maybe }", "verity.on-corruption cannot be 'maybe'; expected error, restart or panic")]
    [InlineData("source: { directory: . }\nhostname: -x", "hostname cannot be '-x'")]
    [InlineData("source: { directory: . }\nhostname:", "hostname has no value")]
    [InlineData("source: { directory: . }\nfiles: [{ path: /a/../b, link: c }]", "cannot be '/a/../b'")]
    [InlineData("source: { directory: . }\nfiles: [{ path: /, link: c }]", "cannot be '/'")]
    [InlineData("source: { directory: . }\nfiles: [{ path: /a, content: b, mode: '0855' }]", "mode cannot be '0855'")]
    [InlineData("source: { directory: . }\nfiles: [{ path: /a, content: b, mode: '10000' }]", "mode cannot be '10000'")]
    [InlineData("source: { directory: . }\nfiles: [{ path: /a, from: ., mode: '0755' }]", "mode is for a single file")]
    [InlineData("source: { directory: . }\nfiles: [{ path: /a }]", "exactly one of content, from and link")]
    [InlineData("source: { directory: . }\ncommands: ['']", "a command cannot be ''")]
    [InlineData("source: { directory: . }\ncommands: [{ echo: x }]", "a command cannot be keys with values")]
    [InlineData("source: { directory: . }\nusers: [{ name: a }, { name: a }]", "user a was already described")]
    [InlineData("source: { directory: . }\nusers: [{ name: a, uid: 7 }, { name: b, uid: 7 }]", "uid 7 is already a's")]
    [InlineData("source: { directory: . }\nusers: [{ name: a, uid: 0 }]", "a cannot have the uid 0")]
    [InlineData("source: { directory: . }\nusers: [{ name: root, uid: 5 }]", "root cannot have the uid 5")]
    [InlineData("source: { directory: . }\nusers: [{ name: a, password: b, password-hash: '*' }]", "either password or password-hash")]
    [InlineData("source: { directory: . }\nusers: [{ name: a, password-hash: secret }]", "password-hash cannot be 'secret'")]
    [InlineData("source: { directory: . }\nusers: [{ name: a, password-hash: '$6$a:b$c' }]", "password-hash cannot be")]
    [InlineData("source: { directory: . }\nusers: [{ name: a, ssh-keys: [id_ed25519.pub] }]", "ssh-keys cannot be 'id_ed25519.pub'")]
    [InlineData("source: { directory: . }\nusers: [{ name: 'a:b' }]", "name cannot be 'a:b'")]
    [InlineData("source: { directory: . }\nkernel: { command-line: \"a'b\" }", "kernel.command-line cannot be")]
    [InlineData("source: { directory: . }\nkernel: [quiet]", "kernel must be keys with values, not a list")]
    [InlineData("source: { directory: . }\nlayout: { esp: 1M }", "FAT32 needs more; expected at least 36M")]
    [InlineData("source: { directory: . }\nlayout: { data: 1000000 }", "layout.data cannot be '1000000'")]
    [InlineData("source: { directory: . }\nlayout: { data: 999999999T }", "layout.data cannot be '999999999T'")]
    [InlineData("source: { directory: . }\nsquashfs: { block: 3K }", "squashfs.block cannot be '3K'")]
    [InlineData("source: { directory: . }\nsquashfs: { level: 23 }", "expected a number from 1 to 22")]
    [InlineData("source: { directory: . }\npersistence: { keep: [/usr/x] }", "persistence.keep cannot be '/usr/x'")]
    [InlineData("source: { directory: . }\npersistence: { etc: tmpfs }", "persistence.etc cannot be 'tmpfs'; expected data or none")]
    [InlineData("source: { directory: . }\nupdate: { tries: 0 }", "expected a number from 1 to 9")]
    [InlineData("source: { directory: . }\nupdate: { deadline: 5 }", "update.deadline cannot be '5'")]
    [InlineData("source: { directory: . }\nupdate: { watchdog: 1s }", "update.watchdog cannot be '1s'")]
    [InlineData("source: { directory: . }\noverlays: { unsigned: true }", "overlays.sources is missing")]
    [InlineData("source: { directory: . }\noverlays: { sources: ['esp:/a'] }", "nothing could be taken")]
    [InlineData("source: { directory: . }\noverlays: { sources: ['usb:/a'], unsigned: true }", "overlays.sources cannot be 'usb:/a'")]
    [InlineData("source: { directory: . }\noverlays: { sources: ['esp:/a'], keys: [RWabc] }", "overlays.keys cannot be 'RWabc'")]
    [InlineData("source: { directory: . }\noverlays: { sources: ['esp:/a'], unsigned: true, on-failure: rescue }", "the layout has no rescue slot")]
    [InlineData("source: { directory: . }\noverlays: { sources: ['repository:a'] }", "needs the section repository")]
    [InlineData("source: { directory: . }\noverlays: { sources: ['esp:/a'], unsigned: true, wait: 2m }", "overlays.wait cannot be '2m'")]
    [InlineData("source: { directory: . }\nrescue: { wait: false }", "rescue: the layout has no rescue slot")]
    [InlineData("source: { directory: . }\nlayout: { rescue: true }\nrescue: { wait: true }", "rescue.wait cannot be true: nothing says whose releases are taken")]
    [InlineData("source: { directory: . }\nlayout: { rescue: true }\nrescue: { keep: [/var/x] }", "rescue.keep: only what lies below /etc")]
    [InlineData("source: { directory: . }\ncontainers: { check: true }", "containers.runtimes is missing")]
    [InlineData("source: { directory: . }\ncontainers: { runtimes: [lxc] }", "containers.runtimes cannot be 'lxc'; expected podman, containerd or docker")]
    [InlineData("source: { directory: . }\ndevices: { manager: pm }", "devices.rules is missing")]
    [InlineData("source: { directory: . }\ndevices: { rules: [nowhere.yaml] }", "devices.rules: there is no file 'nowhere.yaml'")]
    [InlineData("source: { directory: . }\ndevices: { rules: [/etc/passwd] }", "devices.rules cannot be 'passwd'")]
    [InlineData("source: { directory: . }\ndevices: { rules: [], manager: initd }", "devices.manager cannot be 'initd'")]
    [InlineData("source: { directory: . }\nservices: { units: [nowhere] }", "services.units: there is no file or directory 'nowhere'")]
    [InlineData("source: { directory: . }\nservices: { units: [/etc/passwd] }", "services.units cannot be 'passwd'")]
    [InlineData("source: { directory: . }\nservices: { units: [], host: openrc }", "services.host cannot be 'openrc'")]
    [InlineData("source: { directory: . }\nrepository: { root: /dev/null }", "repository.urls is missing")]
    [InlineData("source: { directory: . }\nrepository: { urls: ['https://a'] }", "repository.root is missing")]
    [InlineData("source: { directory: . }\nrepository: { urls: [ftp://a], root: x }", "repository.urls cannot be 'ftp://a'")]
    [InlineData("source: { directory: . }\nrepository: { urls: ['https://a'], root: nowhere.json }", "repository.root: there is no file 'nowhere.json'")]
    [InlineData("source: { directory: . }\nrepository: { urls: ['https://a'], root: x, channel: targets }", "repository.channel cannot be 'targets'")]
    [InlineData("source: { directory: . }\nrepository: { urls: ['https://a'], root: x, channel: ../x }", "repository.channel cannot be '../x'")]
    [InlineData("source: &a { directory: . }", "anchors are not supported")]
    [InlineData("source: *a", "aliases are not supported")]
    [InlineData("source: { directory: . }\n---\nname: two", "a second YAML document")]
    [InlineData("source: [", "this is not YAML")]
    [InlineData("source: [[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]", "nested too deeply")]
    [InlineData("? [a]\n: b", "a key must be a word, not a list")]
    public void A_problem_is_named(string text, string expected)
    {
        var error = Assert.Throws<RecipeException>(() => Read($"name: box\n{(text.Contains("version") ? "" : "version: 1\n")}{text}"));

        Assert.Contains(error.Problems, problem => problem.Message.Contains(expected) && problem.Line > 0);
    }

    [Theory]
    [InlineData("", "the recipe is empty")]
    [InlineData("# nothing", "the recipe is empty")]
    [InlineData("- name: x", "a recipe must be keys with values, not a list")]
    [InlineData("name", "a recipe must be keys with values, not a single value")]
    public void A_file_that_is_no_recipe_is_refused(string text, string expected) =>
        Assert.Contains(Assert.Throws<RecipeException>(() => Read(text)).Problems, problem => problem.Message.Contains(expected));

    [Fact]
    public void Aliases_cannot_make_a_small_file_large()
    {
        var bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + string.Concat("bcdefghijkl".Select(c => $"{c}: &{c} [{string.Join(',', Enumerable.Repeat($"*{(char)(c - 1)}", 9))}]\n"));

        Assert.Contains("aliases are not supported", Assert.Throws<RecipeException>(() => Read(bomb)).Message);
    }

    [Fact]
    public void A_huge_file_is_not_read()
    {
        using var scratch = new ScratchDirectory();
        var path = scratch.Write("r.yaml", new byte[RecipeReader.MaximumBytes + 1]);

        Assert.Contains("expected at most 1048576", Assert.Throws<RecipeException>(() => RecipeReader.Read(path)).Message);
    }

    [Fact]
    public void A_file_that_is_not_text_is_refused_with_its_line()
    {
        using var scratch = new ScratchDirectory();
        var path = scratch.Write("r.yaml", [.. "name: x\nversion: "u8, 0xff, 0xfe]);

        Assert.Equal(2, Assert.Single(Assert.Throws<RecipeException>(() => RecipeReader.Read(path)).Problems).Line);
    }

    [Fact]
    public void Paths_begin_at_the_directory_of_the_recipe()
    {
        using var scratch = new ScratchDirectory();
        scratch.Write("root.tar", []);
        scratch.Write("image:v1", []);
        scratch.Write("image", []);
        var tar = scratch.Write("tar.yaml", "name: a\nversion: 1\nsource: { tar: ./root.tar }"u8);
        var whole = scratch.Write("whole.yaml", "name: a\nversion: 1\nsource: { oci: 'image:v1' }"u8);
        var tagged = scratch.Write("tagged.yaml", "name: a\nversion: 1\nsource: { oci: 'image:v2' }"u8);

        Assert.Equal(new RecipeSource.Tar(scratch.File("root.tar")), RecipeReader.Read(tar).Source);
        Assert.Equal(new RecipeSource.Oci(scratch.File("image:v1"), null), RecipeReader.Read(whole).Source);
        Assert.Equal(new RecipeSource.Oci(scratch.File("image"), "v2"), RecipeReader.Read(tagged).Source);
    }

    [Fact]
    public void Login_without_a_password_is_allowed_with_a_warning()
    {
        var recipe = Read("name: a\nversion: 1\nsource: { directory: . }\nusers:\n  - name: root\n    password: ''\n");

        Assert.Equal("", recipe.Users[0].Password);
        Assert.Equal("r.yaml:6: root can log in without a password; this is for trying things out only", Assert.Single(recipe.Warnings).ToString());
    }

    [Fact]
    public void A_machine_nobody_can_log_in_to_is_worth_a_warning()
    {
        var recipe = Read("name: a\nversion: 1\nsource: { debian: { suite: sid } }\n");

        Assert.Contains("nobody will be able to log in", Assert.Single(recipe.Warnings).Message);
    }

    private static Recipe Read(string text) => RecipeReader.Read(text, "r.yaml", "/usr");
}
