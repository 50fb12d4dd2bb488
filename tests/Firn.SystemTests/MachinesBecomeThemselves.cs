using Firn.Images.Scenarios;
using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>
/// One disk image, booted as three machines from one overlay: from a USB drive that is there, from one that is plugged in while
/// the machine starts, and from a web server. What then goes wrong with overlays never keeps a machine from starting.
/// </summary>
public sealed class MachinesBecomeThemselves : IDisposable
{
    private const string Mac1 = "52:54:00:aa:00:01", Mac3 = "52:54:00:aa:00:03";
    private static readonly Guid Uuid2 = new("a1b2c3d4-0000-4000-8000-000000000002");
    private static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(150), CommandLimit = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();
    private readonly StaticFileServer _server;
    private readonly string _disk;

    public MachinesBecomeThemselves()
    {
        Directory.CreateDirectory(_directory["www"]);
        _server = new(_directory["www"]);
        HostTool.Run("sh", "-c", $"cd {_directory["."]} && {Overlays}");
        var key = File.ReadLines(_directory["key.pub"]).Last();
        _disk = Path.Combine(TestImages.Build("tiny-overlay", "tiny", text => text
            .Replace("linux-image-cloud-amd64", "linux-image-amd64").Replace("remove: [", "remove: [/usr/lib/firmware, ")
            + $"overlays: {{ sources: [\"label:OVL/node.ovl\", \"http://10.0.2.2:{_server.Port}/fleet.ovl\"], keys: [{key}], secrets: SECRETS, wait: 8s }}\n"), "disk.img");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Everything with the programs that others have: minisign signs, openssl encrypts, mtools fill the drives.</summary>
    private static string Overlays => $$"""
        set -e
        firn={{Repository.MachineProgram}}
        minisign -G -W -p key.pub -s key.sec > /dev/null
        mkdir -p fleet/etc fleet/usr/local/bin fleet/layers/10-{{Mac1}}/etc fleet/layers/10-{{Uuid2}}/etc fleet/layers/10-node-3/etc "fleet/layers/20-linux-6.*-qemu/etc"
        echo fleet > fleet/etc/motd; echo '#!/bin/sh' > fleet/usr/local/bin/tool; chmod 755 fleet/usr/local/bin/tool
        echo one > fleet/layers/10-{{Mac1}}/etc/node; echo two > fleet/layers/10-{{Uuid2}}/etc/node; echo three > fleet/layers/10-node-3/etc/node
        echo private > fleet/layers/10-node-3/etc/machine.key; chmod 600 fleet/layers/10-node-3/etc/machine.key
        echo qemu > "fleet/layers/20-linux-6.*-qemu/etc/where"
        $firn overlay pack fleet -o fleet.ovl
        cp fleet.ovl www/; minisign -S -s key.sec -m www/fleet.ovl > /dev/null
        $firn overlay sign fleet.ovl --minisign key.sec -o node.ovl
        cp -r fleet bad; mkdir -p bad/etc/firn/health.d; printf '#!/bin/sh\necho not with this one\nexit 1\n' > bad/etc/firn/health.d/50-no; chmod 755 bad/etc/firn/health.d/50-no
        $firn overlay pack bad -o bad.ovl; $firn overlay sign bad.ovl --minisign key.sec
        echo 'correct horse' > overlay.passphrase; echo node-3 > nodename
        tar -C fleet -czf - . | openssl enc -aes-256-cbc -pbkdf2 -pass file:overlay.passphrase -a > text.ovl
        minisign -S -s key.sec -m text.ovl > /dev/null; cat text.ovl.minisig >> text.ovl
        stick() { truncate -s 16M $1.img; mkfs.vfat -n $2 $1.img > /dev/null; mcopy -i $1.img $3 ::/$4; }
        stick good OVL node.ovl node.ovl; stick bad OVL bad.ovl node.ovl; stick text OVL text.ovl node.ovl
        stick secrets SECRETS nodename nodename; mcopy -i secrets.img overlay.passphrase ::/overlay.passphrase
        """;

    public void Dispose()
    {
        _server.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task One_image_is_three_machines_and_no_overlay_keeps_them_from_starting()
    {
        using var serverIsFree = new ManualResetEventSlim();
        await Task.WhenAll(
            Task.Run(() => UsbDriveAndABadOverlay(() => serverIsFree.Wait(Cancellation)), Cancellation),
            Task.Run(
                () =>
                {
                    try { WebServer(); }
                    finally { serverIsFree.Set(); }
                    PluggedInWhileItStarts();
                },
                Cancellation));
    }

    private void UsbDriveAndABadOverlay(Action waitForServer)
    {
        using var machine = Machine(options => options with { Mac = Mac1, UsbDrives = [_directory["good.img"]] });
        Boot(machine);
        Assert.Equal("fleet\none\nqemu", Run(machine, "cat /etc/motd /etc/node /etc/where; test -x /usr/local/bin/tool && ! test -e /etc/machine.key"));
        Assert.Contains("good", Run(machine, Confirmed));
        Run(machine, "echo scribbled > /etc/motd; echo kept > /etc/own; sync");

        machine.DetachUsb(_directory["good.img"]);
        machine.AttachUsb(_directory["bad.img"]);
        waitForServer();
        File.Move(_directory["www/fleet.ovl"], _directory["www/away"]);
        machine.Reset();
        Boot(machine);
        Boot(machine);    // by itself: its health check has failed, and the other source is away
        var inspected = Run(machine, "firn overlay inspect; test ! -e /etc/firn/health.d/50-no");
        Assert.Matches("failed before: .*not with this one", inspected);
        Assert.Contains("(the last good one)", inspected);
        Assert.Equal("fleet\none\nkept", Run(machine, "cat /etc/motd /etc/node /etc/own"));
    }

    private void WebServer()
    {
        using var machine = Machine(options => options with { Uuid = Uuid2 });
        Boot(machine);
        Assert.Equal("fleet\ntwo\nqemu", Run(machine, "cat /etc/motd /etc/node /etc/where"));
        Assert.Contains("good", Run(machine, Confirmed));
    }

    private void PluggedInWhileItStarts()
    {
        using var machine = Machine(options => options with { Mac = Mac3, Drives = [_directory["secrets.img"]] });
        machine.Start(Cancellation);
        machine.Console.WaitFor("initramfs of slot a", BootLimit, cancellation: Cancellation);
        machine.AttachUsb(_directory["text.img"]);
        machine.Console.WaitFor("tiny, version 1", BootLimit, cancellation: Cancellation);
        Assert.Equal("node-3\nthree\n-rw-------", Run(machine, "cat /etc/hostname /etc/node; ls -l /etc/machine.key | cut -c 1-10"));
    }

    private const string Confirmed = "for i in 1 2 3 4 5 6 7 8 9 10; do [ -e /run/firn/overlay/judged ] && break; sleep 2; done; cat /data/firn/overlay/state";

    private VirtualMachine Machine(Func<VirtualMachineOptions, VirtualMachineOptions> change) =>
        new(change(TestMachine.WithImage(_disk)));

    private static void Boot(VirtualMachine machine)
    {
        if (!machine.IsRunning) machine.Start(Cancellation);
        machine.Console.WaitFor("tiny, version 1", BootLimit, cancellation: Cancellation);
    }

    private static string Run(VirtualMachine machine, string command)
    {
        var result = machine.RunCommand(command, CommandLimit, Cancellation);
        Assert.True(result.ExitCode == 0, $"{command}: exit code {result.ExitCode}\n{result.Output}");
        return result.Output.Trim().ReplaceLineEndings("\n");
    }
}
