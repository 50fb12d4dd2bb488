using System.Diagnostics;

namespace Firn.SystemTests;

/// <summary><c>firn pm attach</c> in a real terminal, that of script(1); a shell in the unit says what came there.</summary>
public sealed class TerminalsAreJoined : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("pm-tty-").FullName;
    private static string Firn => Path.Combine(AppContext.BaseDirectory, "firn");

    [Fact]
    public void Keys_sizes_and_interrupts_reach_a_unit_two_look_at_it_and_leave_it_running()
    {
        Directory.CreateDirectory($"{_home}/wanted");
        File.WriteAllText($"{_home}/wanted/t.yaml", "run: /bin/sh\ntty: true\nready: settle(10ms)\nrestart: always\nstopSignal: HUP\n");
        using var manager = Process.Start(Firn, ["pm", "main", "--home", _home, "--units", $"{_home}/wanted"])!;
        WaitFor(() => HostTool.Succeeds(Firn, "pm", "is-active", "t", "--home", _home), "the unit runs");
        using var one = new Viewer(_home, 33, 101);
        one.WaitForSize(33, 101);

        one.Type("echo $((40+2)).\r");
        one.WaitFor("42.");
        Assert.Single(one.Text.Split("echo $((").Skip(1));    // shown once, by the unit's terminal
        one.Type("sleep 1000\r");
        one.WaitFor("sleep 1000");
        one.Type("\x03");
        one.Type("echo $((6*7))!\r");
        one.WaitFor("42!");

        using var two = new Viewer(_home, 40, 120);
        two.Type("stty size\r");
        two.WaitFor("40 120");
        one.WaitFor("40 120");
        two.Type("\x1d");
        Assert.Equal(0, two.Exit());

        one.Resize(51, 132);
        one.WaitForSize(51, 132);

        one.Type("exit\r");    // it is started again, and stays joined
        WaitFor(() => HostTool.Run(Firn, "pm", "status", "t", "--home", _home).Contains("restarts  1", StringComparison.Ordinal), "it is started again");
        one.Type("echo $((5*5))?\r");
        one.WaitFor("25?");
        one.Type("\x1d");
        Assert.Equal(0, one.Exit());
        HostTool.Run(Firn, "pm", "is-active", "t", "--home", _home);

        HostTool.Run(Firn, "pm", "shutdown", "--home", _home);
        Assert.True(manager.WaitForExit(TimeSpan.FromSeconds(60)), "it ends");
    }

    public void Dispose()
    {
        HostTool.TryRun(Firn, "pm", "shutdown", "--home", _home);
        Directory.Delete(_home, recursive: true);
    }

    private static void WaitFor(Func<bool> condition, string what)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(60); Thread.Sleep(100))
            if (condition()) return;
        Assert.Fail($"in vain: {what}");
    }

    private sealed class Viewer : IDisposable
    {
        private readonly string _home;
        private readonly Process _script;
        private readonly System.Text.StringBuilder _text = new();

        public Viewer(string home, int rows, int columns)
        {
            _home = home;
            _script = Process.Start(new ProcessStartInfo("script", ["-qefc", $"stty rows {rows} cols {columns}; exec {Firn} pm attach t --home {home}", "/dev/null"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            new Thread(() =>
            {
                var buffer = new char[1000];
                while (_script.StandardOutput.Read(buffer) is > 0 and var count)
                    lock (_text) _text.Append(buffer, 0, count);
            })
            { IsBackground = true }.Start();
            Thread.Sleep(2000);    // keys that come before it looks would be shown by its own terminal
        }

        public string Text
        {
            get
            {
                lock (_text) return _text.ToString();
            }
        }

        public void Type(string keys)
        {
            _script.StandardInput.Write(keys);
            _script.StandardInput.Flush();
        }

        public void WaitFor(string text) => TerminalsAreJoined.WaitFor(() => Text.Contains(text, StringComparison.Ordinal), $"{text} in {Text}");

        /// <summary>As when a window is drawn larger.</summary>
        public void Resize(int rows, int columns) =>
            HostTool.Run("sh", "-c", $"stty -F $(readlink /proc/$(pgrep -f '^[^ ]*firn pm attach t --home {_home}')/fd/0) rows {rows} cols {columns}");

        /// <summary>The kernel says of the unit's terminal that it is so large.</summary>
        public void WaitForSize(int rows, int columns) => TerminalsAreJoined.WaitFor(
            () => HostTool.Succeeds("sh", "-c", $"stty -F $(readlink /proc/$(cat {_home}/units/t/main)/fd/0) size | grep -qx '{rows} {columns}'"), $"a terminal of {rows} x {columns}");

        public int Exit()
        {
            Assert.True(_script.WaitForExit(TimeSpan.FromSeconds(30)), "it leaves");
            return _script.ExitCode;
        }

        public void Dispose()
        {
            if (!_script.HasExited) _script.Kill(entireProcessTree: true);
            _script.Dispose();
        }
    }
}
