using Firn.Formats.Overlays;
using Firn.Formats.Releases;
using Firn.Machine.Boot;
using Firn.Machine.Overlays;
using Firn.Tests.Formats;
using Firn.Tests.Formats.Overlays;
using Firn.Tests.Trust;

namespace Firn.Tests.Machine.Overlays;

/// <summary>Boot after boot of one machine whose root, data partition and sources are directories.</summary>
public sealed class OverlayBootTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly MachinePaths _paths;
    private OverlaySettings _settings = new([], [], AllowsUnsigned: true, OverlayFailure.LastGood, null, 0);

    public OverlayBootTests()
    {
        _paths = new(_scratch.Path);
        Write("etc/hostname", "image\n");
        Write("proc/sys/kernel/ostype", "Linux\n");
        Directory.CreateDirectory(_scratch.File("data"));
    }

    public void Dispose() => _scratch.Dispose();

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_scratch.File(path))!);
        File.WriteAllText(_scratch.File(path), text);
    }

    private void Serve(params (string, string)[] files)
    {
        using var tar = new MemoryStream();
        Firn.Formats.Tar.TarWriter.Write(OverlayTests.Tree(files), tar);
        File.WriteAllBytes(_scratch.File("data/a.ovl"), tar.ToArray());
    }

    private OverlayStatus Boot(bool slotOnTrial = false, string sources = "data:/a.ovl")
    {
        if (Directory.Exists(_paths.OverlayRuntime)) Directory.Delete(_paths.OverlayRuntime, recursive: true);
        var fetch = new OverlayFetch(_paths, new Clock(), () => throw new NotSupportedException());
        return new OverlayBoot(_paths, _settings, fetch, TimeProvider.System).Run(
            new(OverlayParameter.Sources($"firn.slot=a firn.ovl={sources}", _settings), "a", slotOnTrial, IsPersistent: true, Tries: 2));
    }

    /// <summary>The time of <see cref="TestRepository"/>, whose signatures end.</summary>
    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => TestRepository.Now;
    }

    private string Layer(string path) => File.ReadAllText(Path.Combine(_paths.OverlayRuntime, "layer", path));

    private OverlayTrial Trial => new(_paths);

    [Fact]
    public void A_new_overlay_is_on_trial_until_the_machine_is_healthy_and_kept_from_then_on()
    {
        Serve(("etc/motd", "one"), ("layers/1-linux/etc/issue", "linux"));

        Assert.True(Boot().IsOnTrial);
        Assert.Equal(("one", "linux"), (Layer("etc/motd"), Layer("etc/issue")));
        Assert.True(Trial.IsRunning);
        Trial.Confirm();

        Assert.False(Boot().IsOnTrial);
        File.Delete(_scratch.File("data/a.ovl"));
        var away = Boot();
        Assert.Equal((OverlayOutcome.Applied, true), (away.Outcome, away.IsLastGood));
        Assert.Contains("data:/a.ovl: not there", away.Problems);
        Assert.Equal("one", Layer("etc/motd"));
    }

    [Fact]
    public void One_after_which_the_machine_is_ill_is_not_taken_again()
    {
        Serve(("etc/motd", "good"));
        Boot();
        Trial.Confirm();
        Serve(("etc/motd", "bad"));

        Assert.True(Boot().IsOnTrial);
        Trial.Reject("sorry, not today");

        var after = Boot();
        Assert.True(after.IsLastGood);
        Assert.Contains("data:/a.ovl: failed before: sorry, not today", after.Problems);
        Assert.Equal("good", Layer("etc/motd"));
        Serve(("etc/motd", "mended"));
        Assert.True(Boot().IsOnTrial);
    }

    [Fact]
    public void One_that_never_comes_as_far_as_the_health_checks_has_so_many_boots_and_no_more()
    {
        Serve(("etc/motd", "hangs"));

        Assert.True(Boot().IsOnTrial);
        Assert.True(Boot().IsOnTrial);
        var third = Boot();

        Assert.Equal(OverlayOutcome.Without, third.Outcome);
        Assert.False(Directory.Exists(Path.Combine(_paths.OverlayRuntime, "layer")));
        Assert.Contains(third.Problems, problem => problem.Contains("was not confirmed in the boots it had"));
    }

    [Fact]
    public void A_new_overlay_waits_while_a_new_system_proves_itself()
    {
        Serve(("etc/motd", "old"));
        Boot();
        Trial.Confirm();
        Serve(("etc/motd", "new"));

        Assert.True(Boot(slotOnTrial: true).IsLastGood);
        Assert.Equal("old", Layer("etc/motd"));
        Assert.True(Boot().IsOnTrial);
    }

    [Theory]
    [InlineData(OverlayFailure.LastGood, true, OverlayOutcome.Applied)]
    [InlineData(OverlayFailure.Without, true, OverlayOutcome.Without)]
    [InlineData(OverlayFailure.Rescue, true, OverlayOutcome.Applied)]
    [InlineData(OverlayFailure.LastGood, false, OverlayOutcome.Applied)]
    [InlineData(OverlayFailure.Without, false, OverlayOutcome.Without)]
    [InlineData(OverlayFailure.Rescue, false, OverlayOutcome.Rescue)]
    public void What_is_done_about_a_source_that_is_away_or_damaged_is_the_images_policy(OverlayFailure policy, bool isAway, OverlayOutcome outcome)
    {
        Serve(("etc/motd", "good"));
        Boot();
        Trial.Confirm();
        if (isAway) File.Delete(_scratch.File("data/a.ovl"));
        else File.WriteAllText(_scratch.File("data/a.ovl"), "damaged");
        _settings = _settings with { OnFailure = policy };

        Assert.Equal(outcome, Boot().Outcome);
    }

    [Fact]
    public void Without_a_good_one_the_rescue_policy_asks_for_rescue_and_the_others_go_on()
    {
        Assert.Equal(OverlayOutcome.Without, Boot().Outcome);
        _settings = _settings with { OnFailure = OverlayFailure.Rescue };
        Assert.Equal(OverlayOutcome.Rescue, Boot().Outcome);
    }

    [Fact]
    public void An_unsigned_overlay_is_passed_over_for_the_next_source()
    {
        Shell.Run("minisign -G -W -p k.pub -s k.sec > /dev/null", _scratch.Path);
        _settings = _settings with { Keys = [File.ReadLines(_scratch.File("k.pub")).Last()], AllowsUnsigned = false };
        Serve(("etc/motd", "signed"));
        Shell.Run("cp data/a.ovl data/b.ovl; minisign -S -s k.sec -m data/b.ovl", _scratch.Path);

        var status = Boot(sources: "data:/missing,data:/a.ovl,data:/b.ovl");

        Assert.Equal("data:/b.ovl", status.Source);
        Assert.Contains(status.Problems, problem => problem.StartsWith("data:/a.ovl: is not signed"));
        Trial.Confirm();
        Directory.Delete(_scratch.File("data/firn/overlay"), recursive: true);
        _settings = _settings with { Keys = [] };
        Assert.Equal(OverlayOutcome.Without, Boot(sources: "data:/b.ovl").Outcome);
    }

    [Fact]
    public void What_the_machine_wrote_itself_comes_back_when_the_overlay_no_longer_delivers_it()
    {
        Write("data/firn/etc/a/upper/motd", "mine");
        Write("data/firn/etc/a/upper/app/config", "mine");
        Write("data/firn/etc/a/upper/app/other", "mine");
        Serve(("etc/motd", "delivered"), ("etc/app/config", "delivered"));

        Boot();
        Assert.False(File.Exists(_scratch.File("data/firn/etc/a/upper/motd")));
        Assert.False(File.Exists(_scratch.File("data/firn/etc/a/upper/app/config")));
        Assert.Equal("mine", File.ReadAllText(_scratch.File("data/firn/etc/a/upper/app/other")));
        Write("data/firn/etc/a/upper/motd", "scribbled over the delivered one");
        Boot();
        Assert.False(File.Exists(_scratch.File("data/firn/etc/a/upper/motd")));
        Write("data/firn/etc/a/upper/issue", "mine as well");

        Serve(("etc/app/config", "delivered"));
        Boot();
        Assert.Equal("mine", File.ReadAllText(_scratch.File("data/firn/etc/a/upper/motd")));
        Boot(sources: "none");
        Assert.Equal("mine", File.ReadAllText(_scratch.File("data/firn/etc/a/upper/app/config")));
        Assert.Equal("mine as well", File.ReadAllText(_scratch.File("data/firn/etc/a/upper/issue")));
    }

    [Fact]
    public void What_was_written_over_a_delivered_file_does_not_outlive_it()
    {
        Serve(("etc/motd", "delivered"));
        Boot();
        Write("data/firn/etc/a/upper/motd", "scribbled");
        // where a link now leads, nothing is removed
        Directory.CreateDirectory(_scratch.File("elsewhere"));
        Write("elsewhere/config", "stays");

        Boot(sources: "none");
        Assert.False(File.Exists(_scratch.File("data/firn/etc/a/upper/motd")));

        Serve(("etc/app/config", "delivered"));
        Boot();
        File.CreateSymbolicLink(_scratch.File("data/firn/etc/a/upper/app"), _scratch.File("elsewhere"));
        Boot(sources: "none");
        Assert.Equal("stays", File.ReadAllText(_scratch.File("elsewhere/config")));
    }

    [Fact]
    public void Files_follow_the_images_links_and_directories_keep_the_images_modes()
    {
        Directory.CreateDirectory(_scratch.File("usr/bin"));
        File.CreateSymbolicLink(_scratch.File("bin"), "usr/bin");
        Shell.Run("mkdir -m 700 root", _scratch.Path);
        var tree = OverlayTests.Tree(("bin/tool", "x"), ("root/.ssh/key", "k"));
        tree.Find("root")!.Mode = 0x1ff;
        tree.Find("root/.ssh")!.Mode = 0x1c0;

        var fitted = OverlayDeployment.Fit(tree, _scratch.Path);

        Assert.Null(fitted.Find("bin"));
        Assert.NotNull(fitted.Find("usr/bin/tool"));
        Assert.Equal((0x1c0u, 0x1c0u), (fitted.Find("root")!.Mode, fitted.Find("root/.ssh")!.Mode));
    }

    [Fact]
    public void A_link_of_the_image_is_no_way_around_what_is_forbidden()
    {
        Directory.CreateDirectory(_scratch.File("usr/lib"));
        File.CreateSymbolicLink(_scratch.File("lib"), "../../usr/lib");
        Assert.Throws<InvalidDataException>(() => OverlayDeployment.Fit(OverlayTests.Tree(("lib/firn/root.json", "x")), _scratch.Path));
    }

    [Fact]
    public void Secrets_name_the_machine_and_open_what_is_for_it()
    {
        Write("data/firn/overlay/nodename", "node-7\n");
        Write("data/firn/overlay/facts", "role=web\n");
        Serve(("layers/1-role=web-node-7/etc/motd", "web"));

        var status = Boot();

        Assert.Equal(["1-role=web-node-7"], status.Layers);
        Assert.Equal("node-7\n", Layer("etc/hostname"));
    }

    [Fact]
    public void An_overlay_given_by_hand_is_taken_at_the_next_boot()
    {
        Serve(("etc/motd", "by hand"));
        var file = File.ReadAllBytes(_scratch.File("data/a.ovl"));
        File.Delete(_scratch.File("data/a.ovl"));

        OverlayOffer.Keep(_paths, _settings, new(file), "stick");

        Assert.Equal(("stick", true), (Boot().Source, Trial.IsRunning));
        Trial.Reject("no");
        Assert.Equal(OverlayOutcome.Without, Boot().Outcome);
        Assert.Throws<RefusedException>(() => OverlayOffer.Keep(_paths, _settings, new(file), "stick"));
    }

    [Fact]
    public void A_web_server_and_its_signature_are_a_source_and_endless_answers_are_not()
    {
        Serve(("etc/motd", "web"));
        var file = File.ReadAllBytes(_scratch.File("data/a.ovl"));
        using var server = new TestServer(request => request.Path switch
        {
            "/a.ovl" => TestServer.Ok(file),
            "/large.ovl" => TestServer.Raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").Concat(new byte[OverlayRules.MaximumPackedBytes + 1]).ToArray(),
            _ => TestServer.NotFound,
        });

        var status = Boot(sources: $"{server.Address}gone.ovl,{server.Address}large.ovl,{server.Address}a.ovl");

        Assert.Equal($"{server.Address}a.ovl", status.Source);
        Assert.Contains("not there", status.Problems[0]);
        Assert.Contains("more than the", status.Problems[1]);
        Assert.Contains("/a.ovl.minisig", server.Requests);
    }

    [Fact]
    public void A_target_of_the_repository_needs_no_other_signature_and_stays_proven_when_it_is_kept()
    {
        using var repository = new TestRepository();
        repository.AddTarget("targets", "overlays/fleet.ovl", OverlayPackingOf("repository"));
        repository.Publish("targets");
        var url = $"file://{repository.WriteTo(_scratch.File("repository"))}";
        Write(RepositorySettings.SettingsPath, System.Text.Encoding.UTF8.GetString(new RepositorySettings([url], "stable").ToJson()));
        File.WriteAllBytes(_scratch.File(RepositorySettings.RootPath), repository.TrustedRoot);
        _settings = _settings with { AllowsUnsigned = false };

        Assert.Equal("proven by the repository", Boot(sources: "repository:overlays/fleet.ovl").Signer);
        Trial.Confirm();
        Directory.Delete(_scratch.File("repository"), recursive: true);

        Assert.True(Boot(sources: "repository:overlays/fleet.ovl").IsLastGood);
        Assert.Equal("repository", Layer("etc/motd"));
    }

    [Fact]
    public void Variables_of_the_firmware_are_sources()
    {
        Serve(("etc/motd", "firmware"));
        var file = File.ReadAllBytes(_scratch.File("data/a.ovl"));
        Directory.CreateDirectory(_scratch.File("sys/firmware/efi/efivars"));
        File.WriteAllBytes(_scratch.File("sys/firmware/efi/efivars/Ovl-1"), [7, 0, 0, 0, .. file]);
        Directory.CreateDirectory(_scratch.File("sys/firmware/qemu_fw_cfg/by_name/opt/ovl"));
        File.WriteAllBytes(_scratch.File("sys/firmware/qemu_fw_cfg/by_name/opt/ovl/raw"), file);

        Assert.Equal("efi:Ovl-1", Boot(sources: "efi:Ovl-1").Source);
        Assert.Equal("fw_cfg:opt/ovl", Boot(sources: "fw_cfg:opt/ovl").Source);
    }

    [Fact]
    public async Task Records_of_a_name_server_are_a_source()
    {
        Serve(("etc/motd", "dns"));
        var text = Convert.ToBase64String(OverlayPackingOf("dns"));
        using var socket = new System.Net.Sockets.UdpClient(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        Write("etc/resolv.conf", $"# a comment\nnameserver 127.0.0.1#{((System.Net.IPEndPoint)socket.Client.LocalEndPoint!).Port}\n");
        var token = TestContext.Current.CancellationToken;
        var served = Task.Run(
            async () =>
            {
                var asked = await socket.ReceiveAsync(token);
                await socket.SendAsync(DnsTextQueryTests.Answer(asked.Buffer, $"firnovl=1/1:{text}"), asked.RemoteEndPoint, token);
            },
            token);

        var status = Boot(sources: "dns:ovl.example.org");
        await served;

        Assert.Equal("dns:ovl.example.org", status.Source);
        Assert.Equal("dns", Layer("etc/motd"));
    }

    private static byte[] OverlayPackingOf(string motd)
    {
        using var tar = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(tar, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
            Firn.Formats.Tar.TarWriter.Write(OverlayTests.Tree(("etc/motd", motd)), zlib);
        return tar.ToArray();
    }

    [Fact]
    public void What_boards_say_whose_maker_said_nothing_is_no_fact()
    {
        Write("sys/class/dmi/id/product_uuid", "03000200-0400-0500-0006-000700080009\n");
        Write("sys/class/dmi/id/product_serial", "To be filled by O.E.M.\n");
        Write("sys/class/dmi/id/board_serial", "XY-12\n");
        Write("sys/class/dmi/id/sys_vendor", "QEMU\n");
        Write("sys/class/net/eth0/type", "1\n");
        Write("sys/class/net/eth0/address", "52:54:00:AA:BB:CC\n");
        Write("sys/class/net/lo/type", "772\n");
        Write("sys/class/net/lo/address", "00:00:00:00:00:00\n");

        var facts = FactFinder.Find(_paths, []);

        Assert.Empty(facts.Of(NodeFacts.Uuid));
        Assert.Equal(["XY-12"], facts.Of(NodeFacts.Serial));
        Assert.Equal(["qemu"], facts.Of(NodeFacts.Virtualization));
        Assert.Equal(["52:54:00:aa:bb:cc"], facts.Of(NodeFacts.Mac));
        Assert.Equal(["image"], facts.Of(NodeFacts.Hostname));
    }
}
