using System.Diagnostics;

namespace Firn.Tests.Supervision.Engine;

public sealed class LifeOfUnitsTests
{
    [Fact]
    public void A_unit_starts_stops_and_leaves_its_state_for_cat()
    {
        using var pm = new RunningManager("units: { a: { run: sleep 1000, ready: settle(20ms) } }");
        pm.WaitFor("a", "RUNNING");
        var job = pm.Read("units/a/job");

        Assert.Equal(("RUNNING", "up", $"{pm.Pid("a")}"), (pm.Read("units/a/state"), pm.Read("units/a/goal"), pm.Read("units/a/main")));
        Assert.Equal($"{pm.Pid("a")}", pm.Read($"jobs/{job}/pid"));
        var pid = pm.Pid("a");
        Assert.Equal(0, pm.Do("stop", "a").Exit);

        Assert.False(RunningManager.Lives(pid));
        Assert.Equal(("STOPPED", "down", "143"), (pm.Read("units/a/state"), pm.Read("units/a/goal"), pm.Read($"jobs/{job}/retcode")));
    }

    [Fact]
    public void A_start_fails_with_the_reason_and_the_exit_code()
    {
        using var pm = new RunningManager("units: { a: { run: /no/such/program, enabled: false }, b: { run: sh -c 'exit 7', restart: 'no', enabled: false } }");

        var (missing, exits) = (pm.Do("start", "a"), pm.Do("start", "b"));

        Assert.Equal((1, 1), (missing.Exit, exits.Exit));
        Assert.Contains("/no/such/program: No such file", missing.Message, StringComparison.Ordinal);
        Assert.Contains("exit code 7", exits.Message, StringComparison.Ordinal);
        Assert.Equal("203", pm.Read($"jobs/{pm.Read("units/a/job")}/retcode"));
        Assert.Equal(4, pm.Do("start", "nobody").Exit);
    }

    [Theory]
    [InlineData("notify", "python3 -c 'import os,socket,time; s=socket.socket(1,2); time.sleep(.2); s.sendto(b\"READY=1\\nSTATUS=fine\", os.environ[\"NOTIFY_SOCKET\"]); time.sleep(1000)'")]
    [InlineData("'fd:5'", "sh -c 'sleep 0.2; echo >&5; exec sleep 1000'")]
    [InlineData("'exec:test -e $HOME/ready'", "sh -c 'sleep 0.2; touch $HOME/ready; exec sleep 1000'")]
    [InlineData("'unix:$HOME/s'", "python3 -c 'import socket,time; time.sleep(.2); s=socket.socket(1,1); s.bind(\"$HOME/s\"); s.listen(); time.sleep(1000)'")]
    [InlineData("settle(200ms)", "sleep 1000")]
    public void A_unit_runs_when_it_shows_so(string ready, string run)
    {
        using var pm = new RunningManager($"units:\n  a:\n    enabled: false\n    ready: {ready}\n    run: >-\n      {run}\n");
        var clock = Stopwatch.StartNew();

        Assert.Equal((0, ""), (pm.Do("start", "a") is var result ? result.Exit : -1, result.Message));

        Assert.True(clock.ElapsedMilliseconds >= 190, $"ready after {clock.ElapsedMilliseconds} ms");
        Assert.Equal("RUNNING", pm.State("a"));
    }

    [Fact]
    public void A_program_that_forks_away_is_found_by_its_pid_file_and_its_end_is_known()
    {
        using var pm = new RunningManager("units: { a: { enabled: false, restart: 'no', pidFile: $HOME/pid, run: sh -c '(setsid sh -c \"echo \\$\\$ > $HOME/pid; sleep 0.5; exit 9\" &) ; exit 0' } }");

        Assert.Equal(0, pm.Do("start", "a").Exit);
        Assert.Equal(pm.Read("pid"), $"{pm.Pid("a")}");
        pm.WaitFor("a", "STOPPED");

        Assert.Equal("9", pm.Status("a")["code"]);
    }

    [Fact]
    public void A_message_from_a_process_of_another_unit_does_not_count()
    {
        using var pm = new RunningManager("""
            units:
              honest: { enabled: false, ready: notify, startTimeout: 1s, restart: 'no', run: sleep 1000 }
              liar:
                ready: settle(10ms)
                restart: always
                run: python3 -c 'import socket,time; s=socket.socket(1,2); [(s.sendto(b"READY=1", "$HOME/notify.socket"), time.sleep(.05)) for i in range(200)]'
            """);

        Assert.Equal(1, pm.Do("start", "honest").Exit);

        Assert.Equal("timeout", pm.Status("honest")["reason"]);
    }

    [Fact]
    public void What_dies_comes_again_at_once_and_what_dies_again_and_again_is_given_up()
    {
        using var pm = new RunningManager("units: { good: { run: sleep 1000, ready: settle(10ms) }, bad: { run: 'false', ready: settle(50ms), startLimit: 3, maxDelay: 50ms } }");
        pm.WaitFor("good", "RUNNING");
        var first = pm.Pid("good");
        Thread.Sleep(1100);

        RunningManager.Kill(first);
        RunningManager.WaitUntil(() => pm.Pid("good") is > 0 and var pid && pid != first, "it came again");

        pm.WaitFor("bad", "STOPPED");
        Assert.Equal(("true", "2"), (pm.Status("bad")["failed"].ToLowerInvariant(), pm.Read("units/bad/restarts")));
        Assert.Equal("1", pm.Status("good")["restarts"]);
    }

    [Fact]
    public void A_stop_ends_though_the_program_does_not_want_it_and_takes_those_that_ran_away_along()
    {
        using var pm = new RunningManager("""
            units:
              deaf: { run: 'sh -c "trap : TERM; while :; do sleep 0.1; done"', ready: settle(50ms), stopTimeout: 300ms }
              forker: { run: 'sh -c "(setsid sleep 1234 &); exec sleep 1000"', ready: settle(200ms) }
            """);
        pm.WaitFor("deaf", "RUNNING");
        pm.WaitFor("forker", "RUNNING");
        Assert.True(pm.Processes().Count >= 4, "the stray is there");

        Assert.Equal((0, 0), (pm.Do("stop", "deaf").Exit, pm.Do("stop", "forker").Exit));

        Assert.Equal("killed", pm.Status("deaf")["reason"]);
        RunningManager.WaitUntil(() => pm.Processes().Count == 0, "nothing is left");
    }

    [Fact]
    public void A_missed_watchdog_aborts_and_starts_again()
    {
        using var pm = new RunningManager("units: { a: { run: sleep 1000, ready: settle(10ms), watchdog: 300ms } }");

        RunningManager.WaitUntil(() => pm.Status("a").GetValueOrDefault("restarts") is { Length: > 0 }, "it was started again");

        Assert.Contains(Directory.GetDirectories(pm.File("jobs")), job => File.Exists($"{job}/retcode") && File.ReadAllText($"{job}/retcode").Trim() == "134");
    }

    [Fact]
    public void Units_wait_for_what_they_need_and_stop_before_it()
    {
        using var pm = new RunningManager("""
            units:
              base: { enabled: false, run: sleep 1000, ready: settle(100ms), stopPost: ['sh -c "echo base >> $HOME/order"'], startPre: ['sh -c "echo base up >> $HOME/order"'] }
              top: { enabled: false, run: sleep 1000, ready: settle(10ms), requires: [base], stopPost: ['sh -c "echo top >> $HOME/order"'], startPre: ['sh -c "echo top up >> $HOME/order"'] }
            """);

        Assert.Equal(0, pm.Do("start", "top").Exit);
        Assert.Equal(0, pm.Do("stop", "base").Exit);

        Assert.Equal("base up\ntop up\ntop\nbase", pm.Read("order"));
    }

    [Fact]
    public void A_restart_takes_dependents_along_and_a_failed_need_stops_the_start()
    {
        using var pm = new RunningManager("""
            units:
              base: { run: sleep 1000, ready: settle(10ms) }
              top: { run: sleep 1000, ready: settle(10ms), requires: [base] }
              broken: { enabled: false, run: 'false', ready: settle(100ms), restart: 'no' }
              hopeless: { enabled: false, run: sleep 1000, requires: [broken] }
            """);
        pm.WaitFor("top", "RUNNING");
        var before = pm.Pid("top");

        Assert.Equal(0, pm.Do("restart", "base").Exit);
        pm.WaitFor("top", "RUNNING");
        var failed = pm.Do("start", "hopeless");

        Assert.NotEqual(before, pm.Pid("top"));
        Assert.Equal(1, failed.Exit);
        Assert.Equal("dependency", pm.Status("hopeless")["reason"]);
    }

    [Fact]
    public void Units_that_wait_for_each_other_are_named()
    {
        using var pm = new RunningManager();
        foreach (var (unit, other) in (ReadOnlySpan<(string, string)>)[("a", "b"), ("b", "c"), ("c", "a")])
            Assert.Equal(0, pm.Do("set-property", unit, "exec.run=sleep 1000", $"requires={other}").Exit);

        var result = pm.Do("start", "a");

        Assert.Equal(1, result.Exit);
        Assert.Contains("it waits for itself: a → b → c → a", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resources_are_there_when_their_check_says_so_and_fail_when_it_does_not()
    {
        using var pm = new RunningManager("units: { r: { type: resource, run: touch $HOME/there, check: ['test -e $HOME/there'], checkInterval: 100ms, stop: ['rm -f $HOME/there'], restart: 'no' } }");
        pm.WaitFor("r", "RUNNING");
        Assert.Equal(0, pm.Pid("r"));

        File.Delete(pm.File("there"));
        pm.WaitFor("r", "STOPPED");

        Assert.Equal("check", pm.Status("r")["reason"]);
    }

    [Fact]
    public void Templates_have_instances_with_parameters_and_masked_units_do_not_start()
    {
        using var pm = new RunningManager("units: { 'w@': { run: 'sh -c \"echo %i %{port}; exec sleep 1000\"', ready: settle(100ms), parameter: { port: 80 } } }");

        Assert.Equal((0, 0), (pm.Do("start", "w@1", "port=8081").Exit, pm.Do("start", "w@2").Exit));
        Assert.Equal(0, pm.Do("mask", "w@3").Exit);

        RunningManager.WaitUntil(() => pm.Read("log/w@1/current") == "1 8081" && pm.Read("log/w@2/current") == "2 80", "both wrote");
        Assert.Equal(1, pm.Do("start", "w@3").Exit);
    }

    [Fact]
    public void A_reload_tells_how_it_went_and_a_failing_one_leaves_the_unit_running()
    {
        using var pm = new RunningManager("units: { a: { run: sleep 1000, ready: settle(10ms), reload: ['test -e $HOME/ok'] } }");
        pm.WaitFor("a", "RUNNING");
        var pid = pm.Pid("a");

        Assert.Equal(1, pm.Do("reload", "a").Exit);
        File.WriteAllText(pm.File("ok"), "");
        Assert.Equal(0, pm.Do("reload", "a").Exit);

        Assert.Equal(pid, pm.Pid("a"));
    }

    [Fact]
    public void Wait_gives_the_code_of_the_unit_and_a_oneshot_is_done_when_it_ends()
    {
        using var pm = new RunningManager("units: { once: { type: oneshot, run: sh -c 'sleep 0.2', enabled: false }, odd: { run: sh -c 'sleep 0.3; exit 42', ready: settle(10ms), restart: 'no', enabled: false } }");

        Assert.Equal(0, pm.Do("start", "once").Exit);
        Assert.Equal(0, pm.Do("start", "odd").Exit);

        Assert.Equal(42, pm.Do("wait", "odd").Exit);
        Assert.Equal("STOPPED", pm.State("once"));
    }

    [Fact]
    public void A_process_has_the_usual_number_of_files_unless_its_unit_says_another()
    {
        using var pm = new RunningManager("units: { a: { run: sleep 1000 }, b: { run: sleep 1000, limits: { openFiles: 77 } } }");
        pm.WaitFor("a", "RUNNING");
        pm.WaitFor("b", "RUNNING");
        RunningManager.WaitUntil(() => Limits("b").Soft == "77", "b has its own limit");

        var hard = Shell.Run("ulimit -Hn", "/").Trim();
        Assert.Equal(("1024", hard), Limits("a"));
        Assert.Equal(Shell.Run("ulimit -n 1048576 2> /dev/null || ulimit -n $(ulimit -Hn); ulimit -n", "/").Trim(), LimitsOf(pm.Manager).Soft);

        (string Soft, string Hard) Limits(string unit) => LimitsOf(pm.Pid(unit));

        static (string Soft, string Hard) LimitsOf(int pid) =>
            File.ReadLines($"/proc/{pid}/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries) is var words
                ? (words[3], words[4]) : default;
    }
}
