using System.Text;
using Firn.Linux.Sockets;
using Firn.Supervision.Control;

namespace Firn.Tests.Supervision.Engine;

public sealed class ControlTests
{
    [Theory]
    [InlineData("nonsense\n", 2)]
    [InlineData("{\"verb\":7}\n", 2)]
    [InlineData("{\"verb\":\"start\",\"units\":[1]}\n", 2)]
    [InlineData("{\"verb\":\"start\"}\n", 2)]
    [InlineData("{\"verb\":\"fly\",\"units\":[\"a\"]}\n", 4)]
    [InlineData("[[[[[[[[]]]]]]]]\n", 2)]
    [InlineData("\0\0\0\n", 2)]
    public void Hostile_requests_are_refused_and_the_manager_goes_on(string request, int exit)
    {
        using var pm = new RunningManager();
        using var socket = UnixSocket.Connect(pm.Home.Socket);

        socket.Send(Encoding.UTF8.GetBytes(request));
        var answer = new byte[4096];
        var text = Encoding.UTF8.GetString(answer, 0, Math.Max(0, socket.Read(answer)));

        Assert.Contains($"\"exit\":{exit}", text, StringComparison.Ordinal);
        Assert.True(pm.Answers());
    }

    [Fact]
    public void The_very_first_unit_can_already_talk_to_the_manager()
    {
        using var pm = new RunningManager("units: { a: { type: oneshot, remain: true, run: $FIRN pm is-active a --home $HOME -q, successCodes: 3 } }");

        RunningManager.WaitUntil(() => pm.State("a") is not ("SCHE_START" or "STARTING"), "a is over");

        Assert.Equal("RUNNING", pm.State("a"));    // it ended with 3: the answer was "not running yet"
    }

    [Fact]
    public void Who_sends_without_end_is_cut_off_and_who_only_connects_does_no_harm()
    {
        using var pm = new RunningManager();
        var idle = Enumerable.Range(0, 100).Select(_ => UnixSocket.Connect(pm.Home.Socket)).ToList();
        using var flood = UnixSocket.Connect(pm.Home.Socket);
        var junk = new byte[64 << 10];
        Array.Fill(junk, (byte)'x');

        for (var i = 0; i < 100 && flood.Send(junk) > 0; i++) { }

        Assert.True(pm.Answers());
        foreach (var socket in idle) socket.Dispose();
    }

    [Fact]
    public void The_FIFO_takes_lines_and_drops_what_is_too_long()
    {
        using var pm = new RunningManager("units: { a: { enabled: false, run: sleep 1000, ready: settle(10ms) } }");

        File.AppendAllText(pm.Home.Input, $"# a comment\nfly a\n{new string('x', 6000)}\nset-property a \"description=two words\"\nstart a\n");
        pm.WaitFor("a", "RUNNING");

        Assert.Equal("two words", pm.Status("a")["description"]);
    }

    [Fact]
    public void A_read_only_home_and_a_full_one_do_not_stop_the_units()
    {
        using var pm = new RunningManager("units: { a: { run: sleep 1000, ready: settle(10ms) } }");
        pm.WaitFor("a", "RUNNING");
        var jobs = pm.File("jobs");
        Directory.Move(jobs, jobs + ".away");
        File.WriteAllText(jobs, "no directory");    // nothing can be written below it, by root neither
        var before = pm.Pid("a");

        Assert.Equal(0, pm.Do("restart", "a").Exit);

        Assert.NotEqual(before, pm.Pid("a"));
        Assert.Contains("state cannot be written", pm.Do("list", "").Message, StringComparison.Ordinal);
        Assert.Single(pm.Processes());
    }

    [Fact]
    public void Commands_are_words_and_words_are_commands()
    {
        var request = new ControlRequest("set-property", ["web@1"], ["exec.run=sh -c 'a \"b\" \\'", "description="], Blocks: false);

        var again = ControlRequest.ParseWords(request.ToWords());

        Assert.Equal((request.Verb, "web@1"), (again.Verb, again.Units[0]));
        Assert.Equal(request.Properties, again.Properties);
    }
}
