using System.Diagnostics;
using Firn.Devices.Recording;

namespace Firn.SystemTests;

/// <summary>The kernel's own events, of loop devices of this machine.</summary>
public sealed class LoopDevicesAreWatched
{
    [Fact]
    public void A_daemon_hears_of_a_loop_device_that_gets_a_file_and_serves_it()
    {
        HostTool.RequireRoot();
        using var directory = new TemporaryDirectory();
        File.WriteAllBytes(directory["file"], new byte[1 << 20]);
        File.WriteAllText(directory["rules.yaml"], "udev: [ { match: { SUBSYSTEM: block, SYSNAME: 'loop*', ATTR.loop/backing_file: '" + directory["file"] + "*' }, service: disk } ]");
        File.WriteAllText(directory["manager"], $"#!/bin/sh\necho \"$1 $2\" >> {directory["log"]}\n");
        HostTool.Run("chmod", "+x", directory["manager"]);
        using var daemon = new Daemon("watching for devices", "run", "--source", "kernel", "--rules", directory["rules.yaml"], "--manager", directory["manager"],
            "--state", directory["state"], "--socket", directory["socket"]);

        var loop = new LoopDevice(directory["file"]);
        var unit = $"disk@{Path.GetFileName(loop.Path)}";
        Await($"start {unit}");
        loop.Dispose();
        Await($"stop {unit}");

        void Await(string order) => Assert.True(
            SpinWait.SpinUntil(() => File.Exists(directory["log"]) && File.ReadAllText(directory["log"]).Contains(order + "\n"), TimeSpan.FromSeconds(60)), $"expected {order}");
    }

    [Fact]
    public void What_the_kernel_says_is_recorded_and_replayed()
    {
        HostTool.RequireRoot();
        using var directory = new TemporaryDirectory();
        using var recorder = new Daemon("recording", "record", directory["recording"], "--source", "kernel", "--count", "2");

        File.WriteAllText("/sys/class/tty/ptmx/uevent", "change");    // synthetic events, which the kernel sends as its own
        File.WriteAllText("/sys/class/tty/ptmx/uevent", "remove");
        Assert.True(recorder.HasEnded);

        using var reader = File.OpenText(directory["recording"]);
        var events = RecordedEvent.ReadAll(reader, "recording");
        Assert.Equal(2, events.Count);
        Assert.True(events[1].Event.Sequence > events[0].Event.Sequence);
    }

    /// <summary><c>firn device</c> as a process of its own, killed when the test is over.</summary>
    private sealed class Daemon : IDisposable
    {
        private readonly Process _process;

        public Daemon(string firstLine, params string[] arguments)
        {
            _process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "firn.dll"), "device", .. arguments])
            {
                RedirectStandardError = true,
            })!;
            Assert.Equal(firstLine, _process.StandardError.ReadLine());
        }

        public bool HasEnded => _process.WaitForExit(TimeSpan.FromSeconds(60));

        public void Dispose()
        {
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }
    }
}
