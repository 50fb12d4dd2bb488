namespace Firn.Tests.Supervision.Engine;

public sealed class ManagerDeathTests
{
    [Fact]
    public void A_killed_manager_comes_again_and_goes_on_with_every_process()
    {
        using var pm = new RunningManager(Many(100));
        RunningManager.WaitUntil(() => pm.Processes().Count == 100, "all run");
        var before = pm.Processes();

        for (var i = 0; i < 3; i++)
        {
            var manager = pm.Manager;
            RunningManager.Kill(manager);
            RunningManager.WaitUntil(() => pm.Manager is > 0 and var next && next != manager && pm.Answers(), "another manager answers");
        }

        Assert.Equal(before.Order(), pm.Processes().Order());
        Assert.True(pm.Status("u7").ContainsKey("adopted"));
        Assert.Equal(0, pm.Do("stop", "u7").Exit);
        Assert.Equal(99, pm.Processes().Count);
    }

    [Fact]
    public void What_ends_while_there_is_no_manager_is_known_with_its_code()
    {
        using var pm = new RunningManager("units: { a: { run: 'sh -c \"while [ ! -e $HOME/go ]; do sleep 0.02; done; exit 42\"', ready: settle(10ms), restart: 'no' } }");
        pm.WaitFor("a", "RUNNING");
        var job = pm.Read("units/a/job");
        var manager = pm.Manager;
        RunningManager.Kill(pm.Holder.Id, "STOP");    // so that no manager comes meanwhile

        RunningManager.Kill(manager);
        File.WriteAllText(pm.File("go"), "");
        RunningManager.WaitUntil(() => pm.Processes().Count == 0, "it ended");
        RunningManager.Kill(pm.Holder.Id, "CONT");
        RunningManager.WaitUntil(() => pm.Read($"jobs/{job}/retcode").Length > 0, "its code is known");

        Assert.Equal("42", pm.Read($"jobs/{job}/retcode"));
        Assert.Equal("42", pm.Status("a")["code"]);
    }

    [Fact]
    public void After_a_restart_of_the_machine_only_what_is_enabled_starts_again()
    {
        using var pm = new RunningManager("units: { a: { run: sleep 1000, ready: settle(10ms) }, b: { run: sleep 1000, ready: settle(10ms), enabled: false }, c: { run: sleep 1000, ready: settle(10ms) } }");
        Assert.Equal(0, pm.Do("start", "b").Exit);
        Assert.Equal(0, pm.Do("stop", "c").Exit);
        pm.Do("shutdown", "");
        pm.WaitForHolder();

        pm.StartPlainly();
        pm.WaitFor("b", "RUNNING");    // of the same boot: another manager, the same goals
        pm.Do("shutdown", "");
        pm.WaitForHolder();
        File.WriteAllText(pm.File("boot_id"), "another boot\n");
        pm.Start();

        pm.WaitFor("a", "RUNNING");
        Assert.Equal(["STOPPED", "STOPPED"], new[] { pm.State("b"), pm.State("c") });
    }

    [Fact]
    public void Of_a_unit_five_jobs_are_kept_whichever_manager_began_them()
    {
        using var pm = new RunningManager("units: { a: { run: sleep 1000, ready: settle(10ms) } }");
        for (var i = 0; i < 4; i++) Assert.Equal(0, pm.Do("restart", "a").Exit);
        pm.Do("shutdown", "");
        pm.WaitForHolder();
        File.WriteAllText(pm.File("boot_id"), "another boot\n");
        Directory.CreateDirectory(pm.File("jobs/0000000000000"));    // of one that died before it could write

        pm.StartPlainly();
        for (var i = 0; i < 4; i++) Assert.Equal(0, pm.Do("restart", "a").Exit);

        var job = pm.Read("units/a/job");
        RunningManager.WaitUntil(() => Directory.GetDirectories(pm.File("jobs")).Length == 5, "five are left");
        Assert.True(Directory.Exists(pm.File($"jobs/{job}")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void When_all_of_the_manager_is_killed_the_next_one_finds_every_process(bool onlyHolder)
    {
        using var pm = new RunningManager(Many(30));
        RunningManager.WaitUntil(() => pm.Processes().Count == 30, "all run");
        var before = pm.Processes();

        var manager = pm.Manager;
        RunningManager.Kill(pm.Holder.Id);
        if (!onlyHolder) RunningManager.Kill(manager);
        pm.WaitForHolder();
        pm.Start();
        RunningManager.WaitUntil(() => pm.Answers() && pm.Manager != manager, "another manager answers");

        Assert.Equal(before.Order(), pm.Processes().Order());
        Assert.Equal(0, pm.Do("restart", "u3").Exit);
        Assert.Equal(30, pm.Processes().Count);
        Assert.False(pm.Holder.HasExited);
    }

    [Fact]
    public void A_process_that_nobody_has_written_down_yet_is_found_by_its_job()
    {
        using var pm = new RunningManager("units: { a: { run: sleep 1000, ready: settle(10ms) } }");
        pm.WaitFor("a", "RUNNING");
        var (pid, job) = (pm.Pid("a"), pm.Read("units/a/job"));
        var manager = pm.Manager;
        RunningManager.Kill(pm.Holder.Id, "STOP");
        RunningManager.Kill(manager);

        File.Delete(pm.File($"jobs/{job}/pid"));    // as if it had died between the start and the record
        File.WriteAllText(pm.File("units/a/state"), "SCHE_START\n");
        RunningManager.Kill(pm.Holder.Id, "CONT");
        RunningManager.WaitUntil(() => pm.Manager != manager && pm.Answers(), "another manager answers");

        Assert.Equal([pid], pm.Processes());
        Assert.Equal(pid, pm.Pid("a"));
    }

    [Fact]
    public void A_number_that_now_means_another_process_is_left_alone()
    {
        using var pm = new RunningManager("units: { a: { run: sleep 1000, ready: settle(10ms) } }");
        pm.WaitFor("a", "RUNNING");
        var job = pm.Read("units/a/job");
        var manager = pm.Manager;
        RunningManager.Kill(pm.Holder.Id, "STOP");
        RunningManager.Kill(manager);
        RunningManager.Kill(int.Parse(pm.Read("units/a/main"), System.Globalization.CultureInfo.InvariantCulture));

        File.WriteAllText(pm.File($"jobs/{job}/pid"), $"{Environment.ProcessId}\n");
        RunningManager.Kill(pm.Holder.Id, "CONT");
        RunningManager.WaitUntil(() => pm.Manager != manager && pm.Answers() && pm.Pid("a") > 0, "it runs again");

        Assert.NotEqual(Environment.ProcessId, pm.Pid("a"));
    }

    [Fact]
    public void With_kill_everything_goes_with_the_manager_strays_too()
    {
        using var pm = new RunningManager("units: { a: { run: 'sh -c \"(setsid sleep 1234 &); exec sleep 1000\"', ready: settle(100ms) } }", "--on-manager-death", "kill");
        pm.WaitFor("a", "RUNNING");

        RunningManager.Kill(pm.Manager);
        pm.WaitForHolder();

        Assert.Equal(137, pm.Holder.ExitCode);
        Assert.Empty(pm.Processes());
    }

    [Fact]
    public void No_line_is_lost_when_the_manager_dies()
    {
        using var pm = new RunningManager("units: { a: { run: 'sh -c \"i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo line $i; done; sleep 1000\"', ready: settle(0ms), logSize: 64K, logKeep: 100 } }");
        for (var i = 0; i < 3; i++)
        {
            var manager = pm.Manager;
            RunningManager.Kill(manager);
            RunningManager.WaitUntil(() => pm.Manager is > 0 and var next && next != manager && pm.Answers(), "another manager answers");
        }

        string[] Lines() => [.. Directory.GetFiles(pm.File("log/a")).Order().SelectMany(File.ReadAllLines)];
        RunningManager.WaitUntil(() => Lines().Length >= 20000, () => $"{Lines().Length} lines");

        Assert.Equal(Enumerable.Range(1, 20000).Select(i => $"line {i}"), Lines());
    }

    [Fact]
    public void An_upgrade_leaves_the_units_alone_and_a_shutdown_none()
    {
        using var pm = new RunningManager(Many(5));
        RunningManager.WaitUntil(() => pm.Processes().Count == 5, "all run");
        var (before, manager) = (pm.Processes(), pm.Manager);

        Assert.Equal(0, pm.Do("upgrade", "").Exit);
        RunningManager.WaitUntil(() => pm.Manager is > 0 and var next && next != manager && pm.Answers(), "another manager answers");
        Assert.Equal(before.Order(), pm.Processes().Order());
        Assert.Equal(0, pm.Do("shutdown", "").Exit);
        pm.WaitForHolder();

        Assert.Equal(0, pm.Holder.ExitCode);
        Assert.Empty(pm.Processes());
        Assert.Equal("up", pm.Read("units/u1/goal"));
        pm.Start();
        RunningManager.WaitUntil(() => pm.Processes().Count == 5, "all run again");
    }

    [Fact]
    public void A_second_manager_of_a_home_is_refused()
    {
        using var pm = new RunningManager(Many(1));
        pm.WaitFor("u1", "RUNNING");

        pm.Start();
        pm.WaitForHolder();

        Assert.Equal(75, pm.Holder.ExitCode);
        Assert.Single(pm.Processes());
    }

    private static string Many(int count)
    {
        var units = new List<string>();
        for (var i = 1; i <= count; i++) units.Add($"u{i}: {{ run: sleep 1000, ready: settle(10ms) }}");
        return $"units: {{ {string.Join(", ", units)} }}";
    }
}
