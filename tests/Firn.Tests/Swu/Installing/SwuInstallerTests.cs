using System.Security.Cryptography;
using Firn.Cli;
using Firn.Formats.Boot;
using Firn.Formats.Grub;
using Firn.Machine.Boot;
using Firn.Swu.Signatures;
using Firn.Tests.Formats;
using Firn.Tests.Machine;

namespace Firn.Tests.Swu.Installing;

/// <summary>Files made with cpio and openssl, installed by <c>firn update install</c> on a machine that runs from slot a.</summary>
public sealed class SwuInstallerTests : IDisposable
{
    private const string Compatible = "hardware-compatibility: [ \"1.0\" ];";

    private readonly ScratchDirectory _scratch = new();
    private readonly FakeMachine _machine = new(TestDisk.Make(), "firn.slot=a firn.confirmed=a firn.tries=4");
    private readonly TestRelease _release = TestRelease.Make("2");
    private readonly Wiring _wiring;

    public SwuInstallerTests()
    {
        _wiring = new(_machine.Paths, TimeProvider.System);
        Settings();
    }

    public void Dispose()
    {
        _machine.Dispose();
        _scratch.Dispose();
    }

    private void Settings(string more = "", string trust = "certificate=swu.pem\npublic.key=swu.pub\n")
    {
        _machine.Write(SwuSettings.PersonsPath, trust + more);
        _machine.Write("etc/firn/swu.pem", File.ReadAllText(TestSigner.Certificate));
        _machine.Write("etc/firn/swu.pub", File.ReadAllText(TestSigner.PublicKey));
    }

    private (int Code, string Output, string Error) Install(string file, params string[] options)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        return (CommandTree.Run(["update", "install", file, .. options], _wiring, output, error), output.ToString(), error.ToString());
    }

    private BootState State => new GrubBootLoader(MachineDisk.OfRunningSystem(_machine.Paths)).Read();

    private byte[] Partition(string name) => File.ReadAllBytes(_machine.Device(name));

    /// <summary>All that must be as before when nothing was written.</summary>
    private string Everything() => string.Join('\n', Directory.EnumerateFiles(_machine.Paths.Root, "*", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/run/")).Order(StringComparer.Ordinal).Select(path => $"{path} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}"));

    private void IsRefused(string file, string problem, int code = 3)
    {
        var before = Everything();
        var (found, _, error) = Install(file);
        Assert.Contains(problem, error);
        Assert.Equal(code, found);
        Assert.Equal(before, Everything());
    }

    private ForeignSwu Foreign => new(_scratch);

    private ForeignSwu WithImages => Foreign.With("rootfs", _release.Root).With("boot", _release.Boot);

    private static string Slot(string slot, string more = "", string root = "rootfs", string boot = "boot", string packing = "") => $$"""
        images: (
          { filename = "{{boot}}"; type = "raw"; device = "/dev/disk/by-partlabel/firn-boot-{{slot}}"; sha256 = "@{{boot}}@"; installed-directly = true; {{packing}} },
          { filename = "{{root}}"; device = "/dev/disk/by-partlabel/firn-root-{{slot}}"; sha256 = "@{{root}}@"; {{packing}} } ); {{more}}
        """;

    private static string Software(string content, string version = "2") => $"software = {{ version = \"{version}\"; {content} }};";

    private static string Copies => $"stable = {{ copy1: {{ {Slot("a")} }}; copy2: {{ {Slot("b")} }}; }};";

    [Theory]
    [InlineData("cms")]
    [InlineData("pss")]
    [InlineData("pkcs1")]
    public void The_copy_for_the_idle_slot_is_written_and_tried(string signature)
    {
        byte[] slotA = [.. Partition("firn-boot-a"), .. Partition("firn-root-a")];

        var (code, output, error) = Install(WithImages.Make(Software($"{Compatible} {Copies}"), signature));

        Assert.True(code == 0, error);
        Assert.Contains("test-os 2 is in slot b", output);
        Assert.Contains("the next boot tries it, 4 times at most", output);
        Assert.Equal(_release.Root, Partition("firn-root-b")[.._release.Root.Length]);
        Assert.Equal(_release.Boot, Partition("firn-boot-b")[.._release.Boot.Length]);
        byte[] now = [.. Partition("firn-boot-a"), .. Partition("firn-root-a")];
        Assert.Equal(slotA, now);
        Assert.Equal((Firn.Formats.Boot.Slot.A, Firn.Formats.Boot.Slot.B), (State.Confirmed, State.Trial!.Slot));
        Assert.Contains("\"version\":\"2\"", File.ReadAllText(_machine.Paths.History));
    }

    [Theory]
    [InlineData("zstd", "zstd")]
    [InlineData("gzip", "zlib")]
    public void Compressed_images_are_unpacked_on_their_way(string tool, string name)
    {
        var file = Foreign.Compressed("rootfs", _release.Root, tool).Compressed("boot", _release.Boot, tool)
            .Make(Software($"{Compatible} {Slot("b", packing: $"compressed = \"{name}\";")}"));

        Assert.Equal(0, Install(file).Code);

        Assert.Equal(_release.Root, Partition("firn-root-b")[.._release.Root.Length]);
        Assert.Equal(Firn.Formats.Boot.Slot.B, State.Trial!.Slot);
        Assert.Empty(Directory.GetFiles(Path.Combine(_machine.Paths.Data, "firn"), "*swu*"));
    }

    [Fact]
    public void What_firn_made_goes_to_the_idle_slot_of_an_image_file_too()
    {
        var disk = _scratch.Write("disk.img", TestDisk.Make());
        var directory = _release.WriteTo(_scratch.File("release"));
        var file = _scratch.File("own.swu");
        Assert.Equal(0, CommandTree.Run(["image", "swu", directory, file, "--key", TestSigner.Key, "--certificate", TestSigner.Certificate, "--zstd"], _wiring, TextWriter.Null, TextWriter.Null));

        Assert.Contains("nothing says whose", Install(file, "--disk", disk).Error);
        var settings = Path.Combine(_machine.Paths.Root, SwuSettings.PersonsPath);
        Assert.Contains("will not boot before", Install(file, "--disk", disk, "--swu-settings", settings, "--download-only").Output);
        Assert.Contains("already held test-os 2", Install(file, "--disk", disk, "--swu-settings", settings).Output);
        Assert.Equal(Firn.Formats.Boot.Slot.B, new GrubBootLoader(MachineDisk.OfImage(disk)).Read().Trial!.Slot);
    }

    [Fact]
    public void Partitions_of_Firn_are_refused_by_name_whatever_they_are_called()
    {
        File.CreateSymbolicLink(Path.Combine(_machine.Paths.Devices, "innocent"), Path.GetFileName(_machine.Device("firn-root-a")));
        foreach (var (device, problem) in new[]
        {
            ("/dev/disk/by-partlabel/firn-root-a", "slot a, which is the one that is known to work"), ("/dev/innocent", "partition firn-root-a of slot a"),
            ("/dev/../dev/./innocent", "partition firn-root-a of slot a"),
            ($"/dev/{Path.GetFileName(_machine.Device("firn-boot-a"))}", "partition firn-boot-a of slot a"),
            ("/dev/disk/by-partlabel/firn-esp", "partition firn-esp of Firn's disk"), ("/dev/disk/by-partlabel/firn-data", "partition firn-data of Firn's disk"),
            ("/dev/vda", "the disk that this system runs from"), ("/dev/disk/by-partlabel/firn-root-r", "has no partition firn-root-r"),
        })
        {
            var file = Foreign.With("x", "x").Make(Software($"{Compatible} images: ( {{ filename = \"x\"; device = \"{device}\"; sha256 = \"@x@\"; }} );"));
            IsRefused(file, problem);
        }
    }

    [Fact]
    public void Who_does_not_count_is_refused_with_the_reason()
    {
        var description = Software($"{Compatible} {Copies}");
        var other = TestSigner.Another("stranger-key.pem");
        var stranger = TestSigner.Make(other, "stranger.pem", "stranger", "extendedKeyUsage=emailProtection");
        var forServers = TestSigner.Make(TestSigner.Key, "servers.pem", "updates", "extendedKeyUsage=serverAuth");

        IsRefused(WithImages.Make(description, null), "nobody signed it", 4);
        IsRefused(WithImages.Make(description, "cms", other, stranger), "certificate", 4);
        IsRefused(WithImages.Make(description, "pss", other), "of no public key of this machine", 4);
        Settings(trust: "public.key=swu.pub\n");
        IsRefused(WithImages.Make(description), "this machine has no certificate", 4);
        Settings(trust: "certificate=swu.pem\n");
        IsRefused(WithImages.Make(description, "pkcs1"), "this machine has no public key", 4);
        Settings("purpose=code\n");
        IsRefused(WithImages.Make(description), "not one for code signing", 4);
        Settings();
        _machine.Write("etc/firn/swu.pem", File.ReadAllText(forServers));
        IsRefused(WithImages.Make(description, "cms", certificate: forServers), "purpose", 4);
        File.Delete(Path.Combine(_machine.Paths.Root, SwuSettings.PersonsPath));
        IsRefused(WithImages.Make(description), "nothing says whose .swu files are taken");
    }

    [Fact]
    public void Certificates_count_in_their_time_and_what_they_vouch_for_counts_too()
    {
        var file = WithImages.Make(Software($"{Compatible} {Copies}"));
        var late = new Wiring(_machine.Paths, new Trust.FixedClock(DateTimeOffset.UtcNow.AddYears(1)));
        var error = new StringWriter();
        Assert.Equal(4, CommandTree.Run(["update", "install", file], late, TextWriter.Null, error));
        Assert.Contains("expired", error.ToString());

        // a certificate of an authority: the machine knows only that
        var (authorityKey, key) = (TestSigner.Another("authority-key.pem"), TestSigner.Another("leaf-key.pem"));
        var authority = TestSigner.Make(authorityKey, "authority.pem", "authority", "keyUsage=keyCertSign");
        TestSigner.Make(key, "leaf-self.pem", "leaf", "keyUsage=digitalSignature");
        ForeignTool.Run("sh", "-c", $"openssl req -new -key {key} -subj /CN=leaf | openssl x509 -req -CA {authority} -CAkey {authorityKey} -days 5 -out {_scratch.File("leaf.pem")} 2>/dev/null");
        _machine.Write("etc/firn/swu.pem", File.ReadAllText(authority));
        Assert.Equal(0, Install(WithImages.Make(Software($"{Compatible} {Copies}"), "cms", key, _scratch.File("leaf.pem"))).Code);
    }

    [Fact]
    public void A_changed_byte_anywhere_writes_nothing()
    {
        var file = WithImages.Make(Software($"{Compatible} {Copies}"));
        var bytes = File.ReadAllBytes(file);
        var places = new[] { ("stable", 4), ("copy2", 4), ("sw-description.sig", 4) }
            .Select(one => (At: bytes.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(one.Item1)) + (one.Item1.EndsWith("sig", StringComparison.Ordinal) ? 300 : 0), Code: one.Item2))
            .Append((bytes.Length - 1_000_000, 1)).Append((bytes.Length / 3, 1));
        foreach (var (at, code) in places)
        {
            var changed = bytes.ToArray();
            changed[at] ^= 4;
            IsRefused(_scratch.Write("changed.swu", changed), "", code);
        }
        IsRefused(_scratch.Write("short.swu", bytes.AsSpan(0, bytes.Length - 2000)), "ends", 1);
    }

    [Fact]
    public void Other_hardware_and_files_that_do_not_say_are_refused()
    {
        IsRefused(WithImages.Make(Software(Copies)), "does not say what machines it is for");
        IsRefused(WithImages.Make(Software($"hardware-compatibility: [ \"2.0\", \"#RE:^3\\\\.[0-9]$\" ]; {Copies}")), "this machine is test-pc 1.0");
        _machine.Write("etc/hwrevision", "gate 3.7\n");
        IsRefused(WithImages.Make(Software($"hardware-compatibility: [ \"1.0\" ]; {Copies}")), "this machine is gate 3.7");
        IsRefused(WithImages.Make(Software($"test-pc = {{ {Compatible} {Copies} }};")), "does not say");
        var wrong = TestRelease.Make("2", hardware: "other");
        var swu = Foreign.With("rootfs", wrong.Root).With("boot", wrong.Boot);
        IsRefused(swu.Make(Software($"hardware-compatibility: [ \"3.7\" ]; {Copies}")), "is for other, this machine is test-pc");

        Assert.Equal(0, Install(WithImages.Make(Software($"gate = {{ hardware-compatibility: [ \"2.0\", \"#RE:^3\\\\.[0-9]$\" ]; {Copies} }};"))).Code);
    }

    [Fact]
    public void Settings_choose_where_devices_do_not()
    {
        var description = Software($"{Compatible} stable = {{ blue: {{ {Slot("b")} }}; green: {{ {Slot("b")} }}; }};");
        IsRefused(WithImages.Make(description), "more than one of them names the partitions of slot b");
        Settings("select.b=stable,red\n");
        IsRefused(WithImages.Make(description), "has no stable,red");
        Settings("select.b=stable,green\n");
        Assert.Contains("(stable,green)", Install(WithImages.Make(description)).Output);
    }

    [Fact]
    public void Half_a_slot_and_images_that_do_not_belong_together_are_refused()
    {
        var other = TestRelease.Make("3");
        IsRefused(Foreign.With("rootfs", _release.Root).With("boot", other.Boot).Make(Software($"{Compatible} {Copies}")), "belongs to another root image", 1);
        IsRefused(Foreign.With("rootfs", _release.Root).With("boot", new byte[4096]).Make(Software($"{Compatible} {Copies}")), "", 1);
        IsRefused(WithImages.Make(Software($"{Compatible} images: ( {{ filename = \"boot\"; device = \"/dev/disk/by-partlabel/firn-boot-b\"; sha256 = \"@boot@\"; }} );")), "there is no root image for slot b");
        IsRefused(Foreign.With("boot", "x").With("rootfs", "x").Make(Software($"{Compatible} {Slot("b")}").Replace("@rootfs@", new string('0', 64))), "has SHA-256", 1);
    }

    [Fact]
    public void Files_archives_devices_scripts_and_variables_are_installed_before_the_slot_wakes()
    {
        Settings("scripts=yes\n");
        var root = _machine.Paths.Root;
        _machine.Write("opt/kept", "kept");
        var device = _machine.Write("dev/other-disk", new string('-', 5000));
        _machine.Write("data/firn/.keep", "");
        _machine.Write("data/firn/bootenv", "");
        File.WriteAllBytes(Path.Combine(root, "data/firn/bootenv"), new GrubEnvironment([new("old", "1"), new("gone", "1")]).ToBytes());
        ForeignTool.RunIn(_scratch.Path, "sh", "-c", "mkdir -p tree/sub && echo 1 > tree/sub/one && ln -s one tree/sub/link && ln tree/sub/one tree/hard && chmod 751 tree/sub/one && tar -C tree -czf tree.tar.gz .");
        var file = WithImages.With("config", "new").With("tree.tar.gz", File.ReadAllBytes(_scratch.File("tree.tar.gz"))).Compressed("blob", "other image"u8.ToArray(), "zstd")
            .With("run.sh", $"#!/bin/sh\necho \"$1 $(cat {root}/opt/app/config 2>/dev/null)\" >> {root}/log\n")
            .Make(Software($$"""
                {{Compatible}}
                images: (
                  { filename = "rootfs"; device = "/dev/disk/by-partlabel/firn-root-b"; sha256 = "@rootfs@"; },
                  { filename = "boot"; device = "/dev/disk/by-partlabel/firn-boot-b"; sha256 = "@boot@"; },
                  { filename = "blob"; device = "{{device}}"; compressed = "zstd"; offset = "1K"; sha256 = "@blob@"; } );
                files: (
                  { filename = "config"; path = "/opt/app/config"; sha256 = "@config@"; properties = { create-destination = "true"; }; },
                  { filename = "tree.tar.gz"; type = "archive"; path = "/opt"; sha256 = "@tree.tar.gz@"; } );
                scripts: ( { filename = "run.sh"; type = "shellscript"; sha256 = "@run.sh@"; } );
                bootenv: ( { name = "new"; value = "2 and more"; }, { name = "gone"; value = ""; } );
                """));

        var (code, output, error) = Install(file);

        Assert.True(code == 0, error);
        Assert.Contains("6 other things were written or run", output);
        Assert.Equal("preinst \npostinst new\n", File.ReadAllText($"{root}/log"));
        Assert.Equal("new", File.ReadAllText($"{root}/opt/app/config"));
        Assert.Equal("600\n", ForeignTool.Run("stat", "-c", "%a", $"{root}/opt/app/config"));
        Assert.Equal("kept", File.ReadAllText($"{root}/opt/kept"));
        Assert.Equal("751 1\none\n2\n", ForeignTool.RunIn($"{root}/opt", "sh", "-c", "echo $(stat -c %a sub/one) $(cat hard); readlink sub/link; stat -c %h hard"));
        Assert.Equal("other image", File.ReadAllText(device)[1024..1035]);
        Assert.Equal("old=1\nnew=2 and more\n", ForeignTool.Run("grub-editenv", $"{root}/data/firn/bootenv", "list"));
        Assert.Equal(Firn.Formats.Boot.Slot.B, State.Trial!.Slot);
        Assert.False(Directory.Exists($"{root}/run/firn/swu"));
    }

    [Fact]
    public void A_script_that_fails_leaves_the_slot_asleep_and_the_boot_state_alone()
    {
        Settings("scripts=yes\n");
        var file = WithImages.With("run.sh", "#!/bin/sh\necho no luck; exit 7\n")
            .Make(Software($"{Compatible} {Slot("b")} scripts: ( {{ filename = \"run.sh\"; type = \"postinstall\"; sha256 = \"@run.sh@\"; }} );"));

        var (code, _, error) = Install(file);

        Assert.Equal(1, code);
        Assert.Contains("run.sh: exit code 7: no luck", error);
        Assert.Null(State.Trial);
        Assert.Contains("asleep", new SlotStore(MachineDisk.OfRunningSystem(_machine.Paths)).Report(Firn.Formats.Boot.Slot.B, 0).Problem);
    }

    [Fact]
    public void All_that_cannot_be_done_is_named_at_once_before_anything_is_written()
    {
        var file = WithImages.With("run.sh", "#!/bin/sh\n").With("f", "x").Make(Software($$"""
            {{Compatible}} {{Slot("b")}}
            files: ( { filename = "f"; path = "/no/such/place"; sha256 = "@f@"; }, { filename = "f"; path = "/data/firn/history.jsonl"; sha256 = "@f@"; } );
            scripts: ( { filename = "run.sh"; type = "preinstall"; sha256 = "@run.sh@"; }, { filename = "run.sh"; type = "lua"; sha256 = "@run.sh@"; } );
            partitions: ( { type = "diskpart"; } ); embedded-script = "x";
            """));

        IsRefused(file, "no handler for type 'lua'");
        IsRefused(file, "partitions: partition tables");
        IsRefused(file, "embedded-script");
        IsRefused(file, "/data/firn/history.jsonl is where Firn keeps its state");
        ForeignTool.RunIn(_scratch.Path, "sh", "-c", "mkdir -p t/data/firn && echo x > t/data/firn/history.jsonl && tar -C t -cf t.tar data");
        _machine.Write("data/firn/history.jsonl", "");
        file = WithImages.With("run.sh", "#!/bin/sh\n").With("f", "x").With("t.tar", File.ReadAllBytes(_scratch.File("t.tar"))).Make(Software($$"""
            {{Compatible}} {{Slot("b")}} files: ( { filename = "f"; path = "/no/such/place"; sha256 = "@f@"; }, { filename = "t.tar"; type = "archive"; path = "/"; sha256 = "@t.tar@"; } );
            scripts: ( { filename = "run.sh"; type = "preinstall"; sha256 = "@run.sh@"; } ); bootenv: ( { name = "a b"; value = "c"; } );
            """));
        IsRefused(file, "this machine runs no programs out of .swu files");
        IsRefused(file, "there is no directory");
        IsRefused(file, "t.tar: data/firn is where Firn keeps its state");
        IsRefused(file, "'a b' is not a name");
        IsRefused(WithImages.Make(Software(Compatible)), "there is nothing to install");
    }

    [Fact]
    public void It_comes_from_a_web_server_too()
    {
        var file = WithImages.Make(Software($"{Compatible} {Copies}"));
        var bytes = File.ReadAllBytes(file);
        using var server = new TestServer(request => File.Exists(_scratch.File(request.Path.TrimStart('/'))) ? TestServer.Ok(File.ReadAllBytes(_scratch.File(request.Path.TrimStart('/')))) : TestServer.NotFound);

        _scratch.Write("short.swu", bytes.AsSpan(0, bytes.Length - 1_000_000));
        IsRefused($"{server.Address}short.swu", "ends within", 1);
        IsRefused($"{server.Address}missing.swu", "missing.swu", 1);
        Assert.Equal(0, Install($"{server.Address}{Path.GetFileName(file)}").Code);

        Assert.Equal(Firn.Formats.Boot.Slot.B, State.Trial!.Slot);
    }

    [Fact]
    public void Settings_that_say_nothing_or_something_else_are_refused()
    {
        var file = WithImages.Make(Software($"{Compatible} {Copies}"));
        foreach (var (settings, problem) in new[]
        {
            ("scripts=yes\n", "nobody could be believed"), ("certificate=swu.pem\nscripts=perhaps\n", "'scripts=perhaps' is not a setting"),
            ("certificate=swu.pem\nselect.b=stable\n", "is not a setting"), ("certificate=missing.pem\n", "missing.pem"),
        })
        {
            Settings(trust: settings);
            IsRefused(file, problem, 1);
        }
    }
}
