using System.Text.Json;
using Firn.Cli;
using Firn.Formats.Boot;
using Firn.Machine.Boot;
using Firn.Tests.Machine;

namespace Firn.Tests.Cli;

/// <summary>The verbs as a person or a script meets them: options, exit codes, what goes where.</summary>
public sealed class MachineVerbsTests : IDisposable
{
    private readonly Formats.ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private static (int Code, string Output, string Error) Run(Wiring wiring, params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        return (CommandTree.Run(arguments, wiring, output, error), output.ToString(), error.ToString());
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments) => Run(new Wiring(), arguments);

    [Fact]
    public void An_image_file_can_be_updated_without_booting_it()
    {
        var disk = _scratch.Write("disk.img", TestDisk.Make());
        var release = TestRelease.Make("2").WriteTo(_scratch.File("release"));

        var (code, output, _) = Run("update", "install", release, "--disk", disk, "--tries", "2", "--json");

        Assert.Equal(0, code);
        var result = JsonDocument.Parse(output).RootElement;
        Assert.Equal(("b", "2", 2, false), (
            result.GetProperty("slot").GetString(), result.GetProperty("version").GetString(),
            result.GetProperty("tries").GetInt32(), result.GetProperty("wasThere").GetBoolean()));

        var shown = JsonDocument.Parse(Run("boot", "show", "--disk", disk, "--json").Output).RootElement;
        Assert.Equal("a", shown.GetProperty("confirmed").GetString());
        Assert.Equal("b", shown.GetProperty("trial").GetProperty("slot").GetString());
        Assert.Equal("2", shown.GetProperty("slots")[1].GetProperty("release").GetProperty("version").GetString());

        Assert.Equal(0, Run("boot", "set", "b", "--disk", disk).Code);
        Assert.Equal(0, Run("update", "rollback", "--disk", disk).Code);
        Assert.Contains("confirmed  a", Run("boot", "show", "--disk", disk).Output);
    }

    [Fact]
    public void What_an_update_will_fetch_is_told_and_what_is_only_downloaded_does_not_boot()
    {
        var disk = _scratch.Write("disk.img", TestDisk.Make());
        var release = TestRelease.Make("2").WithIndex().WriteTo(_scratch.File("release"));

        var (code, output, _) = Run("update", "plan", release, "--disk", disk, "--json");
        Assert.Equal(0, code);
        var plan = JsonDocument.Parse(output).RootElement;
        Assert.Equal((2_500_123, JsonValueKind.Null), (
            plan.GetProperty("root").GetProperty("sourceBytes").GetInt64(), plan.GetProperty("seconds").ValueKind));
        Assert.Contains("2.5 MB of 2.5 MB to fetch", Run("update", "plan", release, "--disk", disk).Output);

        Assert.Contains("will not boot before", Run("update", "install", release, "--disk", disk, "--download-only").Output);
        var shown = Run("boot", "show", "--disk", disk).Output;
        Assert.Contains("trial      none", shown);
        Assert.Contains("slot b     cannot boot: ", shown);
        Assert.Contains("is asleep", shown);
        Assert.Equal(3, Run("update", "rollback", "--disk", disk).Code);
        Assert.Contains("already held", Run("update", "install", release, "--disk", disk, "--memory", "1M", "--limit-rate", "10M").Output);
        Assert.Equal(2, Run("update", "install", release, "--disk", disk, "--memory", "1K").Code);
    }

    [Fact]
    public void Without_json_people_read_it()
    {
        var disk = _scratch.Write("disk.img", TestDisk.Make(new BootState(Slot.A, new(Slot.B, 1), 0, 4)));

        var (_, output, _) = Run("boot", "show", "--disk", disk);

        Assert.Contains("trial      b, 1 try left", output);
        Assert.Contains("slot a     test-os 1 for test-pc, install 0", output);
        Assert.Contains("slot b     cannot boot:", output);
        Assert.Contains("version 1, confirmed", Run("update", "status", "--disk", disk).Output);
    }

    [Theory]
    [InlineData(2, "boot", "try")]
    [InlineData(2, "boot", "try", "c")]
    [InlineData(2, "update", "install", "x", "--tries", "0")]
    [InlineData(2, "update", "install", "x", "--tries", "10")]
    [InlineData(2, "update", "confirm", "--deadline", "soon")]
    [InlineData(2, "nonsense")]
    [InlineData(1, "boot", "show", "--disk", "/no/such/file")]
    [InlineData(1, "boot", "show", "--disk", "/dev/null")]
    [InlineData(1, "etc", "carry", "--from-lower", "/no", "--from-upper", "/no", "--to-lower", "/no", "--to-upper", "/tmp/no")]
    public void What_goes_wrong_has_an_exit_code_and_nothing_on_stdout(int code, params string[] arguments)
    {
        var result = Run(arguments);

        Assert.Equal(code, result.Code);
        Assert.NotEqual("", result.Error);
        Assert.Equal("", result.Output);
    }

    [Fact]
    public void A_refusal_has_its_own_exit_code()
    {
        var disk = _scratch.Write("disk.img", TestDisk.Make());

        Assert.Equal(3, Run("boot", "try", "b", "--disk", disk).Code);
        Assert.Equal(3, Run("update", "rollback", "--disk", disk).Code);
        Assert.Equal(1, Run("update", "install", "https://", "--disk", disk).Code);
        Assert.Equal(1, Run("update", "install", _scratch.File("none"), "--disk", disk).Code);
        using var held = MachineDisk.OfImage(disk).Lock();
        var busy = Run("update", "install", TestRelease.Make("2").WriteTo(_scratch.File("release")), "--disk", disk);
        Assert.Equal(3, busy.Code);
        Assert.Contains("another firn", busy.Error);
    }

    [Fact]
    public void A_machine_lives_through_an_update()
    {
        // given a machine with slot a confirmed
        var release = TestRelease.Make("2").WriteTo(_scratch.File("release"));
        using var before = new FakeMachine(TestDisk.Make(), "firn.slot=a firn.confirmed=a");
        var wiring = new Wiring(before.Paths, TimeProvider.System);
        Assert.Equal(0, Run(wiring, "update", "install", release).Code);
        Assert.Contains("trial: b, 3 tries left", Run(wiring, "update", "status").Output);

        // when it boots the trial and the checks pass
        using var trial = Restart(before, "firn.slot=b firn.trial=1 firn.install=1 firn.confirmed=a", "firn-root-b");
        wiring = new(trial.Paths, TimeProvider.System);
        var checks = Directory.CreateDirectory(_scratch.File("health.d")).FullName;
        Assert.Equal(3, Run(wiring, "update", "install", release).Code);
        var confirmed = Run(wiring, "update", "confirm", "--when-healthy", "--health-directory", checks, "--json");

        // then it is confirmed, and its story can be read
        Assert.Equal(0, confirmed.Code);
        Assert.Equal("confirmed", JsonDocument.Parse(confirmed.Output).RootElement.GetProperty("outcome").GetString());
        Assert.True(File.Exists(trial.Paths.Healthy));
        Assert.Contains("slot b, version 2, confirmed", Run(wiring, "update", "status").Output);
        Assert.Equal(
            ["installed", "confirmed"],
            JsonDocument.Parse(Run(wiring, "update", "history", "--json").Output).RootElement.EnumerateArray()
                .Select(entry => entry.GetProperty("event").GetString()));
    }

    [Fact]
    public void Carrying_etc_is_one_call()
    {
        foreach (var name in new[] { "old", "upper", "new" }) Directory.CreateDirectory(_scratch.File(name));
        _scratch.Write("old/a", "1"u8);
        _scratch.Write("upper/a", "2"u8);
        _scratch.Write("new/a", "3"u8);

        var (code, output, error) = Run(
            "etc", "carry", "--from-lower", _scratch.File("old"), "--from-upper", _scratch.File("upper"),
            "--to-lower", _scratch.File("new"), "--to-upper", _scratch.File("b/upper"), "--json");

        Assert.True(code == 0, error);
        Assert.Equal("a", JsonDocument.Parse(output).RootElement.GetProperty("conflicts")[0].GetProperty("path").GetString());
        Assert.Equal(("2", "3"), (File.ReadAllText(_scratch.File("b/upper/a")), File.ReadAllText(_scratch.File("b/upper/a.firn-new"))));
        Assert.Contains("a.firn-new", File.ReadAllText(_scratch.File("b/conflicts.json")));
        Assert.Equal(3, Run(
            "etc", "carry", "--from-lower", _scratch.File("old"), "--from-upper", _scratch.File("b/upper"),
            "--to-lower", _scratch.File("new"), "--to-upper", _scratch.File("b")).Code);
    }

    /// <summary>The same disk and data under another kernel command line.</summary>
    private static FakeMachine Restart(FakeMachine before, string commandLine, string rootPartition)
    {
        var table = TestDisk.Table();
        var disk = TestDisk.Make();
        foreach (var partition in table.Partitions)
            File.ReadAllBytes(before.Device(partition.Name)).CopyTo(disk, partition.OffsetBytes);
        var after = new FakeMachine(disk, commandLine, rootPartition);
        Directory.Move(Path.Combine(before.Paths.Root, "data/firn"), Path.Combine(after.Paths.Root, "data/firn"));
        return after;
    }
}
