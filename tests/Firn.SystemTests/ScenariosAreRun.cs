using Firn.Images.Scenarios;

namespace Firn.SystemTests;

/// <summary>Scenarios from their text to their report, with a boot sector for an image.</summary>
public sealed class ScenariosAreRun : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public ScenariosAreRun() => BootSector.WriteDisk(_directory["disk.img"]);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_story_that_comes_true_passes()
    {
        var report = Run("""
            steps:
              - host: echo "it is $word" > built.img; cat built.img
                expect: it is ${word}
                save: { said: 'is (\w+)' }
              - usb-attach: built.img
              - wait: ^boot 1$
              - usb-detach: built.img
              - send: ${said}
              - wait: { for: "you said: ${said}", within: 10s }
              - cut-power: { when: "ready>", after: 100ms }
              - start
              - wait: ^boot 2$
              - reset
              - wait: ^boot 3$
              - host: curl -s -o copy -w '%{http_code}' $(echo ${serve} | sed s/10.0.2.2/127.0.0.1/)/disk.img && cmp copy disk.img
                expect: "200"
              - send: "!h"
              - wait: ^boot 4$
              - send: "!p"
              - wait-exit
            """);

        Assert.True(report.Passed, string.Join('\n', report.Steps.Select(step => $"{step.Title}: {step.Failure}")));
        Assert.Contains("send: frosty", report.Steps.Select(step => step.Title));
        Assert.Contains("you said: frosty", report.Console);
    }

    [Fact]
    public void A_machine_that_is_to_stay_gives_its_console_away()
    {
        File.WriteAllText(_directory["stay.yaml"], "name: stays\nsteps:\n  - wait: ^boot 1$\n");

        var output = HostTool.Run("sh", "-c",
            $"(sleep 1; echo from the keyboard; sleep 1; printf '\\001x'; sleep 5) | timeout 30 {Repository.MachineProgram} image test --bios --stay {_directory["disk.img"]} {_directory["stay.yaml"]}");

        Assert.Contains("Ctrl-A x ends it", output);
        Assert.Contains("you said: from the keyboard", output);
        Assert.Contains("1 of 1 scenarios passed", output);
    }

    [Fact]
    public void The_first_step_that_fails_ends_the_story_and_says_what_was_expected_and_what_came()
    {
        var report = Run("""
            steps:
              - wait: ready>
              - send: "!x"
              - wait: { for: "login:", not: "panic.*" }
              - send: never
            """);

        Assert.False(report.Passed);
        Assert.Equal(
            [StepOutcome.Passed, StepOutcome.Passed, StepOutcome.Passed, StepOutcome.Failed, StepOutcome.NotRun],
            report.Steps.Select(step => step.Outcome));
        Assert.Equal((7, "expected /login:/, but /panic.*/ came first: Kernel panic - not syncing: test"), (report.Steps[3].Line, report.Steps[3].Failure));
        Assert.Equal("Kernel panic - not syncing: test", report.LastLines[^1]);
        Assert.Contains("Kernel panic", File.ReadAllText(report.ConsoleLog!));
    }

    [Theory]
    [InlineData("host: echo no; exit 3", "expected exit code 0, but it was 3; it wrote:\nno")]
    [InlineData("host: \"true\"\n    expect: yes", "expected /yes/; it wrote nothing")]
    [InlineData("host: echo bad\n    expect-not: b.d", "expected no /b.d/; it wrote:\nbad")]
    [InlineData("host: sleep 60\n    within: 200ms", "did not end within")]
    [InlineData("usb-attach: missing.img", "missing.img: no such file")]
    [InlineData("cut-power: { when: never, within: 100ms }", "expected /never/, which did not come within")]
    [InlineData("start", "start: the machine is on already")]
    public void A_step_that_fails_says_why(string step, string failure)
    {
        var report = Run($"steps:\n  - start\n  - {step}\n");

        Assert.False(report.Passed);
        Assert.Contains(failure, report.Steps[1].Failure);
    }

    [Fact]
    public void A_disk_without_a_boot_sector_shows_what_the_firmware_says()
    {
        File.WriteAllBytes(_directory["disk.img"], new byte[1 << 20]);

        var report = Run("steps:\n  - wait: { for: anything, within: 5s }");

        Assert.False(report.Passed);
        Assert.Contains("No bootable device.", report.FirmwareLines);
    }

    [Fact]
    public void The_time_limit_holds_for_the_whole()
    {
        var report = Run("time-limit: 2s\nsteps:\n  - sleep: 1h\n  - wait: never");

        Assert.Contains("the scenario's time limit of", report.Steps.Single(step => step.Outcome == StepOutcome.Failed).Failure);
        Assert.InRange(report.Seconds, 1.9, 60);    // clocks of the kernel and the runtime differ by milliseconds
    }

    private ScenarioReport Run(string text)
    {
        var scenario = ScenarioReader.Read(
            "name: a test\nmachine: { firmware: bios, memory: 64M, watchdog: itco, serve: . }\nvariables: { word: frosty }\n" + text,
            "test.yaml", _directory["."], []);
        return ScenarioRunner.Run(
            scenario,
            new ScenarioOptions(_directory["disk.img"]) { ConsoleLog = _directory["console.log"], TimeScale = TestMachine.WithBootSector("").TimeScale },
            cancellation: TestContext.Current.CancellationToken);
    }
}
