using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Firn.Agent.Policy;
using Firn.Agent.Service;
using Firn.Formats.Agents;
using Firn.Formats.Boot;
using Firn.Formats.Overlays;
using Firn.Machine.Boot;
using Firn.Tests.Formats;

namespace Firn.Tests.Agent.Service;

/// <summary>Days of an agent in moments: its clock jumps to whatever it waits for next.</summary>
public sealed class AgentLoopTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly JumpingClock _clock = new();
    private readonly FakeMachine _machine = new();
    private readonly FakeEngine _engine;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly CancellationTokenSource _stop = new();

    public AgentLoopTests()
    {
        _engine = new(_machine);
        _machine.Clock = _clock;
        _machine.Stop = _stop;
    }

    public void Dispose()
    {
        _stop.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task A_release_is_installed_when_it_comes_and_booted_when_the_window_opens()
    {
        _engine.Release = (_clock.GetUtcNow().AddDays(1), "2");
        await RunAsync("poll=1h\nwindow=sun 02:00-04:00");

        Assert.Equal("2", _machine.Rebooted);
        Assert.Equal((DayOfWeek.Sunday, 2), (_clock.GetUtcNow().DayOfWeek, _clock.GetUtcNow().Hour));
        Assert.InRange(_engine.Checks, 4 * 18, 4 * 36);    // Wednesday to Sunday, each hour, a quarter of it earlier or later
        Assert.Contains("2 can be installed", _log);
    }

    [Fact]
    public async Task A_repository_that_is_away_is_asked_ever_more_seldom_and_told_about()
    {
        _engine.Fails = true;
        _clock.End(_stop, TimeSpan.FromDays(2));
        await RunAsync("poll=8h");

        Assert.InRange(_engine.Checks, 10, 20);
        Assert.Contains("check failed: no route to host", _log);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_puts_no_check_off()
    {
        _clock.SetBack(TimeSpan.FromDays(30));
        _clock.End(_stop, TimeSpan.FromDays(4));
        await RunAsync("poll=8h");

        Assert.InRange(_engine.Checks, 12, 13);
    }

    [Fact]
    public async Task A_hold_outlives_the_agent_and_is_answered_while_nothing_happens()
    {
        var loop = Loop("poll=1h", _stop.Token, out var running);
        var held = await loop.AskAsync(new(AgentVerb.Hold, "exhibition"), TestContext.Current.CancellationToken);
        Assert.Equal("exhibition", held.Status!.Hold);
        _engine.Release = (_clock.GetUtcNow(), "2");
        _clock.End(_stop, TimeSpan.FromDays(1));
        await running;
        Assert.Equal(0, _engine.Installs);
        Assert.Contains("asked to hold: exhibition", _log);

        using var again = new CancellationTokenSource();
        _machine.Stop = again;
        loop = Loop("poll=1h", again.Token, out running);
        Assert.Equal("exhibition", (await loop.AskAsync(new(AgentVerb.Status), TestContext.Current.CancellationToken)).Status!.Hold);
        await loop.AskAsync(new(AgentVerb.Release), TestContext.Current.CancellationToken);
        await running;
        Assert.Contains("asked to release", _log);
        Assert.Equal("2", _machine.Rebooted);
    }

    [Fact]
    public async Task What_failed_its_trial_waits_for_a_person()
    {
        _engine.Release = (_clock.GetUtcNow(), "2");
        _machine.Failed = new(1, "unhealthy");
        _clock.End(_stop, TimeSpan.FromDays(1));
        await RunAsync("poll=1h");
        Assert.Equal(0, _engine.Installs);
        Assert.Contains(_log, line => line.StartsWith("2 failed its trial (unhealthy)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_downloaded_while_that_cost_money_is_installed_when_it_does_not()
    {
        _engine.Release = (_clock.GetUtcNow(), "2");
        _machine.MeteredUntil = _clock.GetUtcNow().AddDays(1);
        await RunAsync("poll=1h\nmetered=/bin/metered\nmetered.reach=download");

        Assert.Equal((1, 1, "2"), (_engine.Downloads, _engine.Installs, _machine.Rebooted));
        Assert.Equal(["2 can be installed", "downloading 2", "2 is downloaded", "2 is downloaded and waits for a connection that costs nothing", "installing 2"], _log.Take(5));
    }

    [Fact]
    public async Task A_socket_takes_requests_and_refuses_what_is_none()
    {
        var path = _scratch.File("agent.sock");
        using var end = new CancellationTokenSource();
        var serving = AgentSocket.ServeAsync(path, (request, _) => Task.FromResult(new AgentReply($"asked {request.Verb}", null)), end.Token);

        Assert.Equal("asked Unpin", (await AgentSocket.AskAsync(path, new(AgentVerb.Unpin), TestContext.Current.CancellationToken)).Problem);
        foreach (var garbage in new[] { "\n", "nonsense\n", "{\"verb\":\"explode\"}\n", "null\n", new string('x', 10_000) })
            Assert.Contains("not a request", await SayAsync(path, garbage));
        Assert.Equal("600\n", Shell.Run("stat -c %a agent.sock", _scratch.Path));

        await end.CancelAsync();
        await serving;
        Assert.Contains("no agent runs here", (await Assert.ThrowsAsync<IOException>(
            () => AgentSocket.AskAsync(path, new(AgentVerb.Status), TestContext.Current.CancellationToken))).Message);
    }

    private static async Task<string> SayAsync(string path, string text)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        var buffer = new byte[4096];
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer));
    }

    [Fact]
    public void Metrics_are_what_Prometheus_reads()
    {
        var text = AgentMetrics.Text(new(
            default, Slot.A, "1\"", true, "2", null, "waiting", null, null, DateTimeOffset.UnixEpoch.AddSeconds(5), null, null, null, null, null, null, 3, 1, 0, 0, RootVerity.Corrupted));
        Assert.Contains("firn_root_image_damaged 1\n", text);
        Assert.Contains("firn_info{version=\"1\\\"\",slot=\"a\"} 1\n", text);
        Assert.Contains("# TYPE firn_checks_total counter\nfirn_checks_total 3\n", text);
        Assert.Contains("firn_reboot_pending 1\n", text);
        Assert.Contains("firn_last_check_timestamp_seconds 5\n", text);
    }

    private async Task RunAsync(string settings)
    {
        Loop(settings, _stop.Token, out var running);
        await running.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    private AgentLoop Loop(string settings, CancellationToken stop, out Task running)
    {
        var loop = new AgentLoop(
            AgentSettings.Read(NamedValues.Parse(settings, "agent.conf"), "agent.conf"), _engine, _machine, _scratch.File("memory.json"),
            new(_ => { }, _log.Enqueue, () => { }, null), _clock, () => 0.5);
        running = Task.Run(() => loop.RunAsync(stop), TestContext.Current.CancellationToken);
        return loop;
    }

    private sealed class FakeEngine(FakeMachine machine) : IUpdateEngine
    {
        public (DateTimeOffset From, string Version)? Release { get; set; }
        public bool Fails { get; set; }
        public int Checks { get; private set; }
        public int Installs { get; private set; }
        public int Downloads { get; private set; }

        public Task<AgentOffer> CheckAsync(CancellationToken cancellation)
        {
            Checks++;
            if (Fails) throw new UpdateFailedException("no route to host");
            return Task.FromResult(new AgentOffer(Release is { } release && release.From <= machine.Clock!.GetUtcNow() ? release.Version : null, null));
        }

        public Task InstallAsync(bool isDownloadOnly, CancellationToken cancellation)
        {
            if (isDownloadOnly) Downloads++;
            else Installs++;
            if (!isDownloadOnly) machine.Pending = Release!.Value.Version;
            return Task.CompletedTask;
        }
    }

    private sealed class FakeMachine : IAgentMachine
    {
        public string? Pending { get; set; }
        public string? Rebooted { get; private set; }
        public FailedTrials Failed { get; set; } = new(0, null);
        public DateTimeOffset MeteredUntil { get; set; }
        public CancellationTokenSource? Stop { get; set; }
        public TimeProvider? Clock { get; set; }

        public RootVerity? Verity => RootVerity.Verified;
        public MachineStanding Standing() => new(Slot.A, "1", true, Pending);
        public FailedTrials FailedTrials(string version, DateTimeOffset? since) => Failed;
        public bool IsMetered() => Clock!.GetUtcNow() < MeteredUntil;
        public bool IsRebootSignalled() => false;
        public string? HeldLock() => null;

        public void Reboot()
        {
            Rebooted = Pending;
            Stop!.Cancel();
        }
    }
}
