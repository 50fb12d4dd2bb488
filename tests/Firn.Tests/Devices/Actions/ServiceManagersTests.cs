using Firn.Devices.Actions;
using Firn.Devices.State;
using Firn.Linux.Files;

namespace Firn.Tests.Devices.Actions;

public sealed class ServiceManagersTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("firn-devices-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Each_manager_is_told_in_its_own_words()
    {
        var (start, stop) = (Order(ServiceVerb.Start), Order(ServiceVerb.Stop));

        Assert.Equal(
            "systemctl --no-ask-password --quiet start -- gps@ttyUSB0.service",
            string.Join(' ', new SystemdServices(isUser: false).CommandFor(start, "/env")));
        Assert.Equal(
            "systemctl --user --no-ask-password --quiet stop -- gps@ttyUSB0.service",
            string.Join(' ', new SystemdServices(isUser: true).CommandFor(stop, "/env")));
        Assert.Equal(
            ["/usr/bin/firn", "pm", "start", "gps@ttyUSB0", "DEVNAME=/dev/ttyUSB0", "MODEL=a \"b\" $c", "--home", "/pm", "--quiet"],
            new PmServices("/usr/bin/firn", "/pm").CommandFor(start, "/env"));
        Assert.Equal(["/usr/bin/firn", "pm", "stop", "gps@ttyUSB0", "--quiet"], new PmServices("/usr/bin/firn", null).CommandFor(stop, "/env"));
    }

    [Fact]
    public void A_program_is_told_what_to_do_and_its_exit_code_is_the_answer()
    {
        var program = Script($"""echo "$@" >> {_directory}/log; [ "$1" != stop ] || ( echo "it is busy" >&2; exit 3 )""");
        var runner = new OrderRunner(new ProgramServices(program), Path.Combine(_directory, "state"), _directory);

        var started = runner.Do(Order(ServiceVerb.Start));
        var stopped = runner.Do(Order(ServiceVerb.Stop));

        Assert.Null(started.Problem);
        Assert.Equal("it is busy", stopped.Problem);
        Assert.Equal(
            [$"start gps@ttyUSB0 {runner.EnvironmentFile("gps@ttyUSB0")}", $"stop gps@ttyUSB0 {runner.EnvironmentFile("gps@ttyUSB0")}"],
            File.ReadAllLines(Path.Combine(_directory, "log")));
        Assert.True(File.Exists(runner.EnvironmentFile("gps@ttyUSB0")));    // it may run still
    }

    [Fact]
    public void A_shell_reads_the_environment_as_it_was_meant()
    {
        var runner = new OrderRunner(new ProgramServices(Script("exit 0")), Path.Combine(_directory, "state"), _directory);
        runner.Do(Order(ServiceVerb.Start));

        var read = Shell.Run($". {runner.EnvironmentFile("gps@ttyUSB0")}; printf '%s|%s' \"$DEVNAME\" \"$MODEL\"", _directory);

        Assert.Equal("/dev/ttyUSB0|a \"b\" $c", read);
    }

    [Fact]
    public void A_program_that_is_not_there_is_a_problem_and_no_crash() =>
        Assert.Contains("/nonexistent: cannot be run", new ProgramServices("/nonexistent").Do(Order(ServiceVerb.Start), "/env").Problem);

    [Fact]
    public void What_stands_in_the_place_of_a_symbolic_link_is_left_alone()
    {
        File.WriteAllText(Path.Combine(_directory, "gps"), "precious");
        var runner = new OrderRunner(new ProgramServices(Script("exit 0")), Path.Combine(_directory, "state"), _directory);

        var result = runner.Do(new(ServiceVerb.Start, Order(ServiceVerb.Start).Target with { Symlink = "gps" }));

        Assert.Contains("is something else than a symbolic link", result.Problem);
        Assert.Equal("precious", File.ReadAllText(Path.Combine(_directory, "gps")));
    }

    private static ServiceOrder Order(ServiceVerb verb) => new(verb, new(
        "gps@ttyUSB0", "test.yaml:1", "/devices/x", "DEVNAME=/dev/ttyUSB0\nMODEL=a \"b\" $c\n", TimeSpan.Zero, TimeSpan.Zero, null, "/dev/ttyUSB0"));

    private string Script(string text)
    {
        var path = Path.Combine(_directory, "manager");
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        RawFiles.SetMode(RawPath.From(path), 0x1c0);
        return path;
    }
}
