using Firn.Supervision.Homes;
using Firn.Supervision.Units;

namespace Firn.Tests.Supervision.Engine;

public sealed class NestedManagersTests
{
    [Fact]
    public void A_manager_in_a_manager_is_a_unit_whose_own_units_outlive_both_when_they_are_killed()
    {
        using var pm = new RunningManager("""
            units:
              below: { type: pm, pm: { home: $HOME/below, units: $HOME/below-units, program: $FIRN } }
            """, beside: home =>
            {
                Directory.CreateDirectory($"{home}/below-units");
                File.WriteAllText($"{home}/below-units/a.yaml", "run: sleep 1000\nready: settle(10ms)\n");
            });
        pm.WaitFor("below", "RUNNING");
        var below = new PmHome(pm.File("below"));
        RunningManager.WaitUntil(() => StateStore.Read($"{below.Unit("a")}/state") == "RUNNING", "the unit below runs");
        var pid = StateStore.Read($"{below.Unit("a")}/main");
        var (holder, manager) = (pm.Pid("below"), pm.Manager);

        RunningManager.Kill(holder);
        RunningManager.Kill(manager);
        RunningManager.WaitUntil(() => pm.Manager is > 0 and var next && next != manager && pm.Answers() && pm.State("below") == "RUNNING" && pm.Pid("below") != holder, "both are there again");

        Assert.Equal(pid, StateStore.Read($"{below.Unit("a")}/main"));
        Assert.True(RunningManager.Lives(int.Parse(pid!, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal((0, ""), (pm.Do("stop", "below") is var stop ? stop.Exit : -1, stop.Message));
        Assert.False(RunningManager.Lives(int.Parse(pid!, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("RU", true)]
    [InlineData("RRU", true)]
    [InlineData("RRRR", true)]
    [InlineData("UUUU", true)]
    [InlineData("RRUU", true)]
    [InlineData("UR", false)]
    [InlineData("RUR", false)]
    [InlineData("RURR", false)]
    [InlineData("URRR", false)]
    public void Below_a_manager_of_a_user_there_is_none_of_root(string chain, bool isValid) =>
        Assert.Equal(isValid, chain.Zip(chain.Skip(1)).All(pair => ManagerKind.MayContain(Kind(pair.First), Kind(pair.Second))));

    [Fact]
    public void A_jail_has_no_manager_that_is_not_kept_apart() =>
        Assert.Equal((false, true, true), (ManagerKind.MayContain(ManagerKind.Jail, ManagerKind.Root), ManagerKind.MayContain(ManagerKind.Jail, ManagerKind.Jail), ManagerKind.MayContain(ManagerKind.Jail, ManagerKind.ChangedRootOfUser)));

    [Fact]
    public void A_manager_of_a_user_refuses_one_of_root()
    {
        using var pm = new RunningManager("units: { below: { type: pm, enabled: false, user: nobody, pm: { kind: rootpm, home: $HOME/below } } }", environment: (ManagerKind.Variable, ManagerKind.User));

        var result = pm.Do("start", "below");

        Assert.Equal(1, result.Exit);
        Assert.Contains("a userpm cannot contain a rootpm", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_units_that_exclude_each_other_one_starts_at_a_time()
    {
        using var pm = new RunningManager("""
            units:
              a: { type: oneshot, remain: true, enabled: false, exclusive: setup@/srv, run: sh -c 'mkdir $HOME/busy && sleep 0.3 && rmdir $HOME/busy' }
              b: { type: oneshot, remain: true, enabled: false, exclusive: setup@/srv, run: sh -c 'mkdir $HOME/busy && sleep 0.3 && rmdir $HOME/busy' }
              both: { type: oneshot, enabled: false, requires: [a, b], run: 'true' }
            """);

        Assert.Equal((0, ""), (pm.Do("start", "both") is var result ? result.Exit : -1, result.Message));
    }

    private static string Kind(char letter) => letter == 'R' ? ManagerKind.Root : ManagerKind.User;
}
