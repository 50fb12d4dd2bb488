using System.Security.Cryptography;
using Firn.Images.VirtualMachines;

namespace Firn.SystemTests;

/// <summary>The shell on the serial console, and what is plugged in meanwhile.</summary>
public sealed class GuestsAreLoggedInto(LinuxGuest guest) : IClassFixture<LinuxGuest>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("true", 0, "")]
    [InlineData("exit 42", 42, "")]
    [InlineData("echo to stdout; echo to stderr >&2", 0, "to stdout\nto stderr\n")]
    [InlineData("printf 'no line feed'", 0, "no line feed")]
    [InlineData("printf 'a\\r\\nb\\rc\\n\\n'", 0, "a\r\nb\rc\n\n")]
    [InlineData("echo \"it's $((6 * 7))\" '!' \\\\ %s $0", 0, "it's 42 ! \\ %s sh\n")]
    [InlineData("echo one\necho\ttwo", 0, "one\ntwo\n")]
    [InlineData("echo 'Grüße, 雪'", 0, "Grüße, 雪\n")]
    [InlineData("cat", 0, "")]
    [InlineData("sleep 60 >/dev/null & echo started", 0, "started\n")]
    public void Exit_code_and_output_are_exact(string command, int exitCode, string output)
    {
        Assert.Equal(new CommandResult(exitCode, output), guest.Machine.RunCommand(command, Limit, Cancellation));
    }

    [Fact]
    public void A_syntax_error_is_the_commands_not_ours()
    {
        var result = guest.Machine.RunCommand("if then", Limit, Cancellation);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("syntax error", result.Output);
    }

    [Fact]
    public void A_command_longer_than_a_terminals_line_is_run_whole()
    {
        var text = string.Concat(Enumerable.Range(0, 1500).Select(number => $"{number} '%\\ "));
        var result = guest.Machine.RunCommand($"cat <<'END'\n{text}\nEND", Limit, Cancellation);

        Assert.Equal(new(0, text + "\n"), result);
    }

    [Fact]
    public void A_large_output_comes_back_whole()
    {
        var result = guest.Machine.RunCommand("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i + 1)); done", Limit, Cancellation);

        Assert.Equal(string.Concat(Enumerable.Range(0, 20000).Select(number => $"line {number}\n")), result.Output);
    }

    [Fact]
    public void Output_is_exact_while_the_kernel_talks()
    {
        var noise = guest.Machine.RunCommand(
            "(while [ ! -e /tmp/silence ]; do echo '<4>the kernel has something to say, too' >/dev/kmsg; usleep 3000; done) >/dev/null 2>&1 &",
            Limit, Cancellation);
        Assert.Equal(0, noise.ExitCode);

        var expected = string.Concat(Enumerable.Range(0, 40).Select(number => $"line {number} of the command\n"));
        for (var round = 0; round < 10; round++)
            Assert.Equal(
                new CommandResult(round, expected),
                guest.Machine.RunCommand($"i=0; while [ $i -lt 40 ]; do echo line $i of the command; i=$((i + 1)); done; exit {round}", Limit, Cancellation));

        guest.Machine.RunCommand("touch /tmp/silence", Limit, Cancellation);
        Assert.Contains("the kernel has something to say, too", guest.Machine.Console.Text);
    }

    [Fact]
    public void A_command_without_an_end_is_given_up_and_the_next_one_runs()
    {
        var error = Assert.Throws<VirtualMachineException>(() => guest.Machine.RunCommand("sleep 1000", TimeSpan.FromSeconds(2), Cancellation));

        Assert.Equal("expected an answer to: sleep 1000, which did not come within 2 s", error.Message);
        Assert.Equal(new(0, "still here\n"), guest.Machine.RunCommand("echo still here", Limit, Cancellation));
    }

    [Fact]
    public void USB_drives_come_and_go_and_keep_what_was_written()
    {
        using var directory = new TemporaryDirectory();
        var content = RandomNumberGenerator.GetHexString(64);
        File.WriteAllText(directory["stick.img"], content.PadRight(1 << 20));
        // The node is there a moment before it can be opened (Linux: device_add() before bdev_add()), so a read is tried until it works.
        const string readDrive = "i=0; until dd if=/dev/sda bs=64 count=1 2>/dev/null || [ $i = 100 ]; do usleep 100000; i=$((i + 1)); done";

        guest.Machine.AttachUsb(directory["stick.img"]);
        var read = guest.Machine.RunCommand(readDrive, Limit, Cancellation);
        guest.Machine.RunCommand("echo changed | dd of=/dev/sda conv=fsync", Limit, Cancellation);
        guest.Machine.DetachUsb(directory["stick.img"]);
        var gone = guest.Machine.RunCommand("i=0; while [ -b /dev/sda ] && [ $i -lt 100 ]; do usleep 100000; i=$((i + 1)); done; [ -b /dev/sda ]", Limit, Cancellation);
        guest.Machine.AttachUsb(directory["stick.img"]);
        var again = guest.Machine.RunCommand(readDrive, Limit, Cancellation);
        guest.Machine.DetachUsb(directory["stick.img"]);

        Assert.Equal(content, read.Output);
        Assert.Equal(1, gone.ExitCode);
        Assert.StartsWith("changed\n", again.Output);
        Assert.StartsWith(content, File.ReadAllText(directory["stick.img"]));
    }

    [Fact]
    public void A_USB_drive_that_is_not_there_is_refused()
    {
        Assert.Throws<FileNotFoundException>(() => guest.Machine.AttachUsb("/nonexistent/stick.img"));
        var error = Assert.Throws<VirtualMachineException>(() => guest.Machine.DetachUsb("/nonexistent/stick.img"));
        Assert.Equal("/nonexistent/stick.img: is not plugged in", error.Message);
    }
}
