using System.Diagnostics;
using System.Globalization;

namespace Firn.SystemTests;

/// <summary><c>firn device run</c> as a process: whom it believes, and the signal by which it reads its rules again.</summary>
public sealed class DeviceDaemonsListen
{
    private const int User = 2005;
    private const string Rules = "udev: [ { match: { ID_BUS: usb }, service: gps } ]";

    [Fact]
    public void A_datagram_of_another_user_is_refused_by_the_kernel_and_by_the_daemon()
    {
        HostTool.RequireRoot();
        using var daemon = new Daemon(Rules);

        var (code, error) = OtherUser.Run(User, [.. daemon.Sending("ttyUSB7")]);
        Assert.NotEqual(0, code);
        Assert.Contains("Permission denied", error);

        // even where somebody has opened the socket to all, it is told by the kernel who has sent
        HostTool.Run("chmod", "666", daemon["socket"]);
        (code, error) = OtherUser.Run(User, [.. daemon.Sending("ttyUSB7")]);
        Assert.Equal((0, ""), (code, error));
        daemon.WaitForLine($"refused a datagram of user {User}");
        HostTool.Run(Repository.MachineProgram, [.. daemon.Sending("ttyUSB8")]);
        daemon.WaitForOrder("start gps@ttyUSB8");
        Assert.DoesNotContain("ttyUSB7", File.ReadAllText(daemon["orders"]));
    }

    [Fact]
    public void A_hang_up_has_the_rules_read_again_and_only_what_they_change_is_done()
    {
        HostTool.RequireRoot();
        using var daemon = new Daemon(Rules);
        HostTool.Run(Repository.MachineProgram, [.. daemon.Sending("ttyUSB7")]);
        daemon.WaitForOrder("start gps@ttyUSB7");
        HostTool.Run(Repository.MachineProgram, [.. daemon.Sending("ttyUSB8"), "ID_MODEL=other"]);
        daemon.WaitForOrder("start gps@ttyUSB8");

        // behind a link, where no watch sees it
        File.WriteAllText(daemon["elsewhere/rules.yaml"], "udev: [ { match: { ID_BUS: usb, ID_MODEL: other }, service: modem }, { match: { ID_BUS: usb }, service: gps } ]");
        Thread.Sleep(300);
        Assert.Equal(2, File.ReadAllLines(daemon["orders"]).Length);
        daemon.HangUp();

        daemon.WaitForLine("2 rules");
        daemon.WaitForOrder("start modem@ttyUSB8");
        Assert.Equal(["start gps@ttyUSB7", "start gps@ttyUSB8", "stop gps@ttyUSB8", "start modem@ttyUSB8"], File.ReadAllLines(daemon["orders"]));
    }

    private sealed class Daemon : IDisposable
    {
        private readonly TemporaryDirectory _directory = new();
        private readonly List<string> _lines = [];
        private readonly Process _process;

        public Daemon(string rules)
        {
            Directory.CreateDirectory(this["elsewhere"]);
            HostTool.Run("chmod", "755", this[""]);
            File.WriteAllText(this["elsewhere/rules.yaml"], rules);
            File.CreateSymbolicLink(this["rules.yaml"], this["elsewhere/rules.yaml"]);
            File.WriteAllText(this["manager"], $"#!/bin/sh\necho \"$1 $2\" >> {this["orders"]}\n");
            HostTool.Run("chmod", "+x", this["manager"]);
            _process = Process.Start(new ProcessStartInfo(Repository.MachineProgram,
            [
                "device", "run", "--source", "none", "--rules", this["rules.yaml"], "--manager", this["manager"], "--state", this["state"],
                "--socket", this["socket"], "--dev", this["dev"],
            ])
            { RedirectStandardError = true })!;
            _process.ErrorDataReceived += (_, line) =>
            {
                lock (_lines) _lines.Add(line.Data ?? "");
            };
            _process.BeginErrorReadLine();
            WaitForLine("watching for devices");
        }

        public string this[string name] => _directory[name];

        public string[] Sending(string name) => ["device", "send", "--socket", this["socket"], "add", name, "SUBSYSTEM=tty", "ID_BUS=usb"];

        public void HangUp() => HostTool.Run("kill", "-HUP", _process.Id.ToString(CultureInfo.InvariantCulture));

        public void WaitForLine(string line) => Wait(() =>
        {
            lock (_lines) return _lines.Contains(line);
        }, line);

        public void WaitForOrder(string order) => Wait(() => File.Exists(this["orders"]) && File.ReadAllLines(this["orders"]).Contains(order), order);

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
            _directory.Dispose();
        }

        private void Wait(Func<bool> condition, string what)
        {
            if (SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(60))) return;
            lock (_lines) Assert.Fail($"expected {what}; the daemon said:\n{string.Join('\n', _lines)}");
        }
    }
}
