using System.Text;
using Firn.Images.VirtualMachines;

namespace Firn.Tests.Images.VirtualMachines;

public sealed class ConsoleTextTests
{
    [Theory]
    [InlineData("plain\ttext\n", "plain\ttext\n")]
    [InlineData("a\r\nb\r\r\nc", "a\nb\nc")]
    [InlineData("10 %\r20 %\rdone", "10 %\n20 %\ndone")]
    [InlineData("\r\rfirst", "first")]
    [InlineData("\e[1;31mred\e[0m \e[K\e[?2004hprompt", "red prompt")]
    [InlineData("\e]0;a title\aafter", "after")]
    [InlineData("\e]0;a title\e\\after", "after")]
    [InlineData("\e(B\e)0text\e7\e8", "text")]
    [InlineData("one\e[2;1Htwo\e[3;1Hthree", "one\ntwo\nthree")]
    [InlineData("\e[2J\e[01;01Hat the top", "at the top")]
    [InlineData("a\0\b\u007f\u0001b", "ab")]
    [InlineData("\e]never ended\nnext line", "\nnext line")]
    [InlineData("\e[12\nnext line", "\nnext line")]
    [InlineData("Grüße", "Grüße")]
    public void Control_sequences_leave_plain_lines(string shown, string text)
    {
        var console = new ConsoleText();
        console.Append(Encoding.UTF8.GetBytes(shown));
        Assert.Equal(text, console.From(0));
    }

    [Fact]
    public void It_does_not_matter_in_which_pieces_the_bytes_come()
    {
        var bytes = Encoding.UTF8.GetBytes("\e[1mGrüße\e[0m\r\n\e]0;title\e\\next\rlast 雪\n");
        var (whole, pieces) = (new ConsoleText(), new ConsoleText());

        whole.Append(bytes);
        foreach (var value in bytes) pieces.Append([value]);

        Assert.Equal("Grüße\nnext\nlast 雪\n", whole.From(0));
        Assert.Equal(whole.From(0), pieces.From(0));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_replaced()
    {
        var console = new ConsoleText();
        console.Append([(byte)'a', 0xff, (byte)'b']);
        Assert.Equal("a\ufffdb", console.From(0));
    }

    [Fact]
    public void Positions_stay_when_old_text_is_dropped()
    {
        var console = new ConsoleText(capacity: 8192);
        for (var line = 0; line < 10_000; line++) console.Append(Encoding.ASCII.GetBytes($"line {line:0000}\n"));

        Assert.Equal(100_000, console.End);
        Assert.Equal("line 9999\n", console.From(console.End - 10));
        Assert.InRange(console.From(0).Length, 4096, 8192);
        Assert.Equal("line 9998\nline 9999", console.LastLines(2));
    }

    [Fact]
    public void The_last_lines_are_at_most_those_there_are()
    {
        var console = new ConsoleText();
        Assert.Equal("", console.LastLines(3));
        console.Append("one\ntwo\n\n"u8);
        Assert.Equal("two", console.LastLines(1));
        Assert.Equal("one\ntwo", console.LastLines(3));
    }

    [Fact]
    public void Bytes_are_found_by_offset_until_they_are_dropped()
    {
        var bytes = new ConsoleBytes(capacity: 16);
        bytes.Append("0123456789"u8);
        bytes.Append("abcdefghij"u8);

        Assert.Equal(20, bytes.End);
        Assert.False(bytes.TryGetFrom(0, out _));
        Assert.False(bytes.TryGetFrom(21, out _));
        Assert.True(bytes.TryGetFrom(8, out var rest));
        Assert.Equal("89abcdefghij", Encoding.ASCII.GetString(rest));
    }
}
