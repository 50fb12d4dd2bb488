using System.Collections.Concurrent;
using Firn.Agent.Policy;
using Firn.Agent.Rescue;
using Firn.Agent.Service;
using Firn.Machine.Boot;
using Firn.Machine.Updates;
using Firn.Tests.Formats;

namespace Firn.Tests.Agent.Rescue;

/// <summary>Days in rescue in moments.</summary>
public sealed class RescueLoopTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly JumpingClock _clock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _lines = new(), _taken = new();
    private RescueReport? _report;
    private int _reboots;
    private string? _pending;

    public void Dispose()
    {
        _stop.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task The_first_that_helps_is_taken_and_the_machine_restarts()
    {
        await RunAsync(RescueCause.RootImage, TimeSpan.FromMinutes(1), Source("damaged.firn", "not signed"), Source("good.firn", null), Source("other.firn", null));

        Assert.Equal(["damaged.firn", "good.firn"], _taken);
        Assert.Equal(1, _reboots);
        Assert.Contains("rescue: the root image of the slot that was started cannot be mounted; restarts with good.firn", _lines);
        Assert.Contains(_lines, line => line.StartsWith("rescue: damaged.firn: not signed; again on 2026-11-18 12:1", StringComparison.Ordinal));
        Assert.Contains("rescue: plug something in", _lines);
    }

    [Fact]
    public async Task What_brings_the_machine_here_again_is_tried_ever_more_seldom_over_restarts()
    {
        for (var boot = 0; boot < 240; boot++)
        {
            await RunAsync(RescueCause.BootImages, TimeSpan.FromSeconds(10), Source("bad.firn", null));
            await Task.Delay(TimeSpan.FromMinutes(30), _clock, TestContext.Current.CancellationToken);
        }
        Assert.InRange(_taken.Count, 8, 14);    // in five days
        Assert.Equal(_taken.Count, _reboots);
    }

    [Fact]
    public async Task Who_asked_for_rescue_is_left_in_peace()
    {
        await RunAsync(RescueCause.Asked, TimeSpan.FromHours(1), Source("good.firn", null));
        Assert.Empty(_taken);
        Assert.Equal("waits for a person", _report!.Activity);
    }

    [Fact]
    public async Task What_somebody_else_installed_is_waited_for()
    {
        _pending = "b";
        await RunAsync(RescueCause.BootImages, TimeSpan.FromHours(1), Source("good.firn", null));
        Assert.Empty(_taken);
        Assert.Equal("slot b is tried when the machine restarts", _report!.Activity);
        Assert.InRange(_lines.Count(line => line.Contains("is tried when")), 5, 8);    // once in ten minutes
    }

    [Fact]
    public async Task A_repository_is_asked_ever_more_seldom_and_its_silence_is_told()
    {
        var engine = new FakeEngine { Problem = "no route to host" };
        await RunAsync(RescueCause.BootImages, TimeSpan.FromHours(2), Repository(engine));
        Assert.InRange(engine.Checks, 12, 15);    // at last every quarter of an hour
        Assert.Equal(["no route to host"], _report!.Problems);

        engine.Problem = null;
        engine.Version = "2";
        await RunAsync(RescueCause.BootImages, TimeSpan.FromMinutes(5), Repository(engine));
        Assert.Equal((1, 1), (engine.Installs, _reboots));
        Assert.StartsWith("2 of the repository: did not bring the machine back; again on", Assert.Single(_report!.Problems));

        engine.Version = "3";
        await RunAsync(RescueCause.BootImages, TimeSpan.FromMinutes(5), Repository(engine));
        Assert.Equal((2, 2), (engine.Installs, _reboots));

        RescueRepository Repository(FakeEngine fake) => new(fake, TimeSpan.FromMinutes(15), _clock, () => 0.5);
    }

    [Fact]
    public async Task A_source_that_breaks_leaves_the_others()
    {
        await RunAsync(RescueCause.BootImages, TimeSpan.FromMinutes(1), new BrokenSource(), Source("good.firn", null));
        Assert.Equal(["good.firn"], _taken);
        Assert.Contains("no copy of the boot state can be read", _report!.Problems);
    }

    [Fact]
    public async Task A_memory_that_cannot_be_kept_keeps_no_machine_from_being_healed()
    {
        Directory.CreateDirectory(_scratch.File("memory.json"));
        await RunAsync(RescueCause.BootImages, TimeSpan.FromMinutes(1), Source("good.firn", null));
        Assert.Equal(1, _reboots);
        Assert.Contains(_lines, line => line.StartsWith("what was tried cannot be kept", StringComparison.Ordinal));
    }

    private async Task RunAsync(RescueCause cause, TimeSpan time, params IRescueSource[] sources)
    {
        using var stop = new CancellationTokenSource();
        _clock.End(stop, time);
        await Loop(cause, sources).RunAsync(stop.Token).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        _clock.End(_stop, TimeSpan.FromDays(1000));
    }

    private RescueLoop Loop(RescueCause cause, params IRescueSource[] sources) => new(
        cause, [.. sources], _scratch.File("memory.json"), null,
        new(() => _pending, () => ["plug something in"], report => _report = report, Add, () => _reboots++, () => 0.5), _clock);

    private void Add(IEnumerable<string> lines)
    {
        foreach (var line in lines) _lines.Enqueue(line);
    }

    private FakeSource Source(string name, string? problem) => new(new(name, name, _ =>
    {
        _taken.Enqueue(name);
        return problem is null ? Task.CompletedTask : throw new UpdateFailedException(problem);
    }));

    private sealed class FakeSource(RescueOffer offer) : IRescueSource
    {
        public Task<IReadOnlyList<RescueOffer>> LookAsync(Func<string, bool> isDue, CancellationToken stop) => Task.FromResult<IReadOnlyList<RescueOffer>>([offer]);
    }

    private sealed class BrokenSource : IRescueSource
    {
        public Task<IReadOnlyList<RescueOffer>> LookAsync(Func<string, bool> isDue, CancellationToken stop) =>
            throw new InvalidDataException("no copy of the boot state can be read");
    }

    private sealed class FakeEngine : IUpdateEngine
    {
        public string? Version { get; set; }
        public string? Problem { get; set; }
        public int Checks { get; private set; }
        public int Installs { get; private set; }

        public Task<AgentOffer> CheckAsync(CancellationToken cancellation)
        {
            Checks++;
            return Problem is { } problem ? throw new UpdateFailedException(problem) : Task.FromResult(new AgentOffer(Version, null));
        }

        public Task InstallAsync(bool isDownloadOnly, CancellationToken cancellation)
        {
            Installs++;
            return Task.CompletedTask;
        }
    }
}
