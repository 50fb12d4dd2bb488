using System.Diagnostics;
using System.Text;
using Firn.Images.VirtualMachines;
using Firn.Tests.Formats;

namespace Firn.Tests.Images.VirtualMachines;

public sealed class ShellReplyTests
{
    private const string Nonce = "k7m2p9qrst";
    private const string HelloDigest = "b1946ac92492d2347c6235b4d2611184";    // printf 'hello\n' | md5sum
    private const string Echo = "~ # F=/tmp/.firn-run;sh -c 'echo hello' </dev/null >$F 2>&1;R=$?;echo @''k7m2p9qrst:b;cat $F;echo @''k7m2p9qrst:e:$R:$(md5sum <$F)\r\n";
    private const string Reply = $"{Echo}@{Nonce}:b\r\nhello\r\n@{Nonce}:e:3:{HelloDigest} -\r\n~ # ";

    private static ShellReply Read(string terminal) => ShellReply.Read(Encoding.Latin1.GetBytes(terminal), Nonce);

    [Fact]
    public void A_whole_reply_is_the_commands_output_and_exit_code() =>
        Assert.Equal(new ShellReply.Complete(new(3, "hello\n")), Read(Reply));

    [Fact]
    public void The_echo_of_the_command_is_no_reply()
    {
        Assert.IsType<ShellReply.Pending>(Read(Echo));
        Assert.IsType<ShellReply.Pending>(Read(Echo.Replace("cat", "c\r\nat").Replace("echo", "ec \rho")));
    }

    [Fact]
    public void Every_beginning_of_a_reply_is_awaited_further()
    {
        for (var length = 0; length < Reply.Length - "\n~ # ".Length; length++)
            Assert.True(Read(Reply[..length]) is ShellReply.Pending or ShellReply.Begun, Reply[..length]);
    }

    [Theory]
    [InlineData("hel[   12.345678] usb 2-1: new device\r\nlo\r\n")]
    [InlineData("[    0.000001] one\r\nhello\r\n[ 1234.500000][  T123] two\r\n")]
    public void Kernel_messages_in_the_output_are_taken_out(string shown) =>
        Assert.Equal(new ShellReply.Complete(new(3, "hello\n")), Read(Reply.Replace("hello\r\n@", shown + "@")));

    [Fact]
    public void Kernel_messages_in_the_marks_are_taken_out() =>
        Assert.Equal(new ShellReply.Complete(new(3, "hello\n")), Read(
            Reply.Replace($"@{Nonce}:b", $"@{Nonce[..4]}[    5.000000] message\r\n{Nonce[4..]}:b").Replace(":e:3:", ":e:[    6.000000] x\r\n3:")));

    [Fact]
    public void Other_messages_in_the_output_are_noticed()
    {
        Assert.IsType<ShellReply.Disturbed>(Read(Reply.Replace("hello", "hel[  OK  ] Started something.\r\nlo")));
        Assert.IsType<ShellReply.Disturbed>(Read(Reply.Replace(":e:3:", ":e:systemd says hi\r\n3:")));
    }

    [Fact]
    public void Kernel_messages_that_are_the_output_stay()
    {
        const string line = "[    1.000000] Linux version\n";
        var digest = Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(Encoding.ASCII.GetBytes(line)));
        var reply = $"@{Nonce}:b\r\n{line.Replace("\n", "\r\n")}@{Nonce}:e:0:{digest} -\r\n";

        Assert.Equal(new ShellReply.Complete(new(0, line)), Read(reply));
    }

    [Fact]
    public void A_guest_that_cannot_keep_the_output_says_so() =>
        Assert.Equal(new ShellReply.Unable("cat: can't open '/dev/.firn-run'\n"),
            Read($"@{Nonce}:b\r\ncat: can't open '/dev/.firn-run'\r\n@{Nonce}:e:1:\r\n"));

    [Fact]
    public void A_damaged_reply_is_never_taken_for_another_output()
    {
        var bytes = Encoding.Latin1.GetBytes(Reply);
        Damage.Check(bytes, bytes.Length, (damaged, _) =>
            Assert.False(ShellReply.Read(damaged, Nonce) is ShellReply.Complete { Result.Output: not "hello\n" }));
    }

    /// <summary>Shells as a judge: what they print for our lines is what we read.</summary>
    [Theory]
    [InlineData("dash", "echo hello", 0, "hello\n")]
    [InlineData("bash", "echo hello", 0, "hello\n")]
    [InlineData("busybox", "echo hello", 0, "hello\n")]
    [InlineData("dash", "printf 'it'\\''s'; exit 9", 9, "it's")]
    [InlineData("bash", "printf '%s' \"$0 \\\\ !\" | tr a-z A-Z; exit 255", 255, "SH \\ !")]
    [InlineData("dash", "echo one\nprintf\t'%s\\n' '%d'\n\n", 0, "one\n%d\n")]
    [InlineData("bash", "echo 'Grüße \e[1m'", 0, "Grüße \e[1m\n")]
    [InlineData("busybox", "echo 'Grüße\u0001'\n\n", 0, "Grüße\u0001\n")]
    public void Shells_answer_as_expected(string shell, string command, int exitCode, string output)
    {
        var printed = RunShell(shell, ShellCommand.Lines(command, Nonce));
        Assert.Equal(new ShellReply.Complete(new(exitCode, output)), Read(printed));

        printed = RunShell(shell, [.. ShellCommand.Lines(command, "other"), ShellCommand.Repeat(Nonce)]);
        Assert.Equal(new ShellReply.Complete(new(exitCode, output)), Read(printed));
    }

    [Fact]
    public void Lines_fit_into_any_terminal_and_have_nothing_that_it_would_act_upon()
    {
        var text = string.Concat(Enumerable.Range(0, 500).Select(number => $"{number} ü \"\\\" \t%\n"));
        var lines = ShellCommand.Lines($"cat <<'END'\n{text}END", Nonce);

        foreach (var line in lines)
        {
            Assert.InRange(line.Length, 1, 1000);
            Assert.All(line, character => Assert.InRange(character, ' ', '~'));
            Assert.DoesNotContain("@" + Nonce, line);
        }
        Assert.Equal(new ShellReply.Complete(new(0, text)), Read(RunShell("dash", lines)));
    }

    private static string RunShell(string shell, IEnumerable<string> lines)
    {
        var start = new ProcessStartInfo(shell, shell == "busybox" ? ["sh"] : [])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.Latin1,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException(shell);
        foreach (var line in lines) process.StandardInput.WriteLine(line);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
