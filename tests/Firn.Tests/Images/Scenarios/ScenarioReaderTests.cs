using System.Text;
using Firn.Images.Recipes;
using Firn.Images.Scenarios;
using Firn.Images.VirtualMachines;
using Firn.Tests.Formats;

namespace Firn.Tests.Images.Scenarios;

public sealed class ScenarioReaderTests
{
    private const string Everything = """
        name: an update is confirmed
        machine:
          { firmware: bios, memory: 512M, cpus: 2, watchdog: i6300esb, drives: ["r-${version}.img"], usb: [s.img], serve: ./r, disk-size: 4G, forward: ["2222:22"] }
        time-limit: 1h
        variables: { version: "2" }
        steps:
          - host: make-release ${version}
            save: { digest: 'sha256 (\w+)' }
          - usb-attach: stick.img
          - wait: "login:"
          - wait: { for: "v${version}", within: 60s, not: Kernel panic }
          - wait: later
            within: 1.5s
          - login: { user: root, password: "" }
          - login: guest
          - run: firn update install ${serve}/${version} ${digest}
            expect: ['one', 'two']
            expect-not: three
            exit: 1
            within: 500ms
          - run: reboot
            exit: any
          - send: ""
          - cut-power
          - cut-power: { when: "writing", after: 2s }
          - start
          - usb-detach: stick.img
          - reset
          - power-button
          - wait-exit: { within: 10s }
          - wait-exit
          - sleep: 250ms
          - note: "costs $${not a variable}"
        """;

    private static Scenario Read(string text, params string[] given) => ScenarioReader.Read(text, "test.yaml", "/scenarios", given);

    private static string[] Problems(string text) =>
        [.. Assert.Throws<RecipeException>(() => Read(text)).Problems.Select(problem => problem.ToString())];

    [Fact]
    public void Everything_that_can_be_written_is_read()
    {
        var scenario = Read(Everything);

        Assert.Equal("an update is confirmed", scenario.Name);
        Assert.Equal(TimeSpan.FromHours(1), scenario.TimeLimit);
        Assert.Equal((FirmwareKind.Bios, WatchdogKind.I6300Esb), (scenario.Machine.Firmware, scenario.Machine.Watchdog));
        Assert.Equal((512L << 20, 2, 4L << 30), (scenario.Machine.MemoryBytes, scenario.Machine.Cpus, scenario.Machine.DiskSizeBytes));
        Assert.Equal(["r-${version}.img"], scenario.Machine.Drives);
        Assert.Equal(["s.img"], scenario.Machine.UsbDrives);
        Assert.Equal([new PortForward(2222, 22)], scenario.Machine.Forwards);
        Assert.Equal("./r", scenario.Machine.Serve);

        var steps = scenario.Steps;
        Assert.Equal(21, steps.Length);
        Assert.IsType<ScenarioStep.Start>(steps[2]);    // before the first step that needs the machine
        Assert.Equal(new ScenarioStep.Wait(10, "login:", null, null), steps[3]);
        Assert.Equal(new ScenarioStep.Wait(11, "v${version}", "Kernel panic", TimeSpan.FromMinutes(1)), steps[4]);
        Assert.Equal(new ScenarioStep.Wait(12, "later", null, TimeSpan.FromSeconds(1.5)), steps[5]);
        Assert.Equal(new ScenarioStep.Login(14, "root", "", null), steps[6]);
        Assert.Equal(new ScenarioStep.Login(15, "guest", null, null), steps[7]);
        var run = Assert.IsType<ScenarioStep.Run>(steps[8]);
        Assert.Equal(["one", "two"], run.Expect);
        Assert.Equal(["three"], run.ExpectNot);
        Assert.Equal((1, TimeSpan.FromMilliseconds(500)), (run.ExitCode!.Value, run.Within!.Value));
        Assert.Null(Assert.IsType<ScenarioStep.Run>(steps[9]).ExitCode);
        Assert.Equal(new ScenarioStep.CutPower(25, "writing", TimeSpan.FromSeconds(2), null), steps[12]);
        Assert.Equal(new ScenarioStep.WaitExit(30, TimeSpan.FromSeconds(10)), steps[17]);
    }

    [Fact]
    public void Every_problem_is_told_at_once_with_its_line() =>
        Assert.Equal(
        [
            "test.yaml:2: unknown key 'wachdog' in machine; did you mean 'watchdog'?",
            "test.yaml:2: machine.firmware cannot be 'uefi'; expected efi or bios",
            "test.yaml:2: machine.memory cannot be '12'; expected a size from 32M to 1T such as 1G",
            "test.yaml:3: time-limit cannot be 'soon'; expected a time such as 500ms, 1.5s, 10m or 1h",
            "test.yaml:4: the variable 'serve' is set by machine.serve; choose another name",
            "test.yaml:4: a variable cannot be called 'a-b'; expected letters, digits and _",
            "test.yaml:6: unknown step 'strt'; did you mean 'start'?",
            "test.yaml:7: unknown variable 'foo'; add it to variables, give it with --set foo=…, or write $${foo} to leave it to the shell",
            "test.yaml:8: unknown key 'expct' in step; did you mean 'expect'?",
            "test.yaml:9: wait.for cannot be 'a('; expected a regular expression",
            "test.yaml:9: wait.within cannot be '5'; expected a time such as 500ms, 1.5s, 10m or 1h",
            "test.yaml:10: reset takes no value; write '- reset'",
            "test.yaml:11: a step must be a word such as start, or a key with a value such as run: COMMAND, not a list",
            "test.yaml:12: run has no value; write 'run: …'",
            "test.yaml:13: ${serve} needs a directory to serve; give machine.serve",
        ],
        Problems("""
            name: x
            machine: { firmware: uefi, memory: 12, wachdog: itco }
            time-limit: soon
            variables: { serve: x, a-b: y }
            steps:
              - strt
              - run: echo ${foo} $${HOME} ${x:-y}
                expct: x
              - wait: { for: "a(", within: 5 }
              - reset: now
              - [a]
              - run
              - send: ${serve}
            """).Where(problem => !problem.Contains("unused")));

    [Theory]
    [InlineData("", "the scenario is empty")]
    [InlineData("steps: []", "name is missing")]
    [InlineData("name: x", "steps is missing")]
    [InlineData("name: x\nsteps: start", "steps must be a list")]
    [InlineData("- x", "must be keys with values")]
    [InlineData("name: x\nsteps:\n  - wait: { within: 5s }", "wait.for is missing")]
    [InlineData("name: x\nsteps:\n  - wait: { for: x }\n    within: 5s", "must stand with the other options")]
    [InlineData("name: x\nsteps:\n  - run: x\n    exit: 256", "a number from 0 to 255, or any")]
    [InlineData("name: x\nsteps:\n  - sleep: 2d", "a time such as")]
    [InlineData("name: x\nsteps:\n  - {}", "a step must be")]
    [InlineData("name: x\nvariables: { v: }\nsteps: [start]", "'v' has no value")]
    [InlineData("name: x\nsteps:\n  - send: \"two\\nlines\"", "a single line of text")]
    [InlineData("name: x\nsteps: [*a]", "aliases are not supported")]
    public void What_is_wrong_is_told(string text, string problem) => Assert.Contains(Problems(text), line => line.Contains(problem));

    [Fact]
    public void What_is_saved_is_known_from_there_on_and_not_before()
    {
        Read("name: x\nsteps:\n  - run: a\n    save: { v: b }\n  - run: ${v}");
        Assert.Contains("unknown variable 'v'", Assert.Single(Problems("name: x\nsteps:\n  - run: ${v}\n    save: { v: b }")));
    }

    [Fact]
    public void Variables_can_be_given_from_outside()
    {
        Assert.Equal("${releases}", Read("name: x\nmachine: { serve: \"${releases}\" }\nsteps: [start]", "releases").Machine.Serve);
        Assert.Null(Read("name: x\nvariables: { v: }\nsteps: [start]", "v").Variables["v"]);
    }

    [Fact]
    public void A_damaged_scenario_is_read_or_refused()
    {
        var bytes = Encoding.UTF8.GetBytes(Everything);
        Damage.Check(bytes, bytes.Length, (damaged, _) =>
        {
            try
            {
                Assert.False(Read(Encoding.UTF8.GetString(damaged)).Steps.IsDefault);
            }
            catch (RecipeException error)
            {
                Assert.NotEmpty(error.Problems);
            }
        });
    }
}
