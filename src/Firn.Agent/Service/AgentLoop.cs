using System.Threading.Channels;
using Firn.Agent.Policy;
using Firn.Formats.Agents;
using Firn.Machine.Boot;

namespace Firn.Agent.Service;

/// <summary>Parts of the world that the loop tells, or that make it wake up.</summary>
/// <param name="Publish">Takes the status whenever it has changed.</param>
/// <param name="Log">Takes lines for the journal.</param>
/// <param name="Beat">Tells a watchdog that the loop turns.</param>
/// <param name="BeatInterval">How often it must be told; null: never.</param>
public sealed record AgentSurroundings(Action<AgentStatus> Publish, Action<string> Log, Action Beat, TimeSpan? BeatInterval);

/// <summary>
/// The agent: decides what is next, has it done, and takes messages one after the other. Sleeps until something may have
/// changed; while a check or an installation runs, it goes on answering.
/// </summary>
public sealed class AgentLoop
{
    /// <summary>A timer of the runtime takes no more than some weeks.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);

    private static readonly TimeSpan RebootPatience = TimeSpan.FromMinutes(10);

    private readonly Channel<AgentMessage> _mailbox = Channel.CreateUnbounded<AgentMessage>(new() { SingleReader = true });
    private readonly AgentState _state;
    private readonly IUpdateEngine _engine;
    private readonly IAgentMachine _machine;
    private readonly AgentSurroundings _around;
    private readonly TimeProvider _clock;
    private string _activity = "waiting";
    private string? _lastWhy;
    private bool _saysDamaged;
    private AgentStep.Wait? _wait;
    private Task _work = Task.CompletedTask;

    /// <summary>Until its message is taken, which is not quite when the task is over.</summary>
    private bool _isWorking;

    /// <param name="memoryFile">Outlives restarts.</param>
    /// <param name="random">From 0 to below 1.</param>
    public AgentLoop(
        AgentSettings settings, IUpdateEngine engine, IAgentMachine machine, string memoryFile, AgentSurroundings around,
        TimeProvider clock, Func<double> random)
    {
        (_engine, _machine, _around, _clock) = (engine, machine, around, clock);
        _state = new(settings, machine, memoryFile, clock, random);
    }

    /// <summary>From any thread.</summary>
    public async Task<AgentReply> AskAsync(AgentRequest request, CancellationToken cancellation)
    {
        var reply = new TaskCompletionSource<AgentReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _mailbox.Writer.TryWrite(new AgentMessage.Asked(request, reply));
        return await reply.Task.WaitAsync(cancellation);
    }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (!_isWorking) Decide(stop);
            _around.Publish(_state.Status(_activity, _wait));
            if (await NextMessageAsync(stop) is { } message) Take(message);
        }
        await _work;
    }

    private void Decide(CancellationToken stop)
    {
        (_activity, _wait) = ("waiting", null);
        try
        {
            LookAtRootImage();
            switch (_state.Next())
            {
                case AgentStep.Check:
                    (_activity, _isWorking) = ("checking", true);
                    _work = CheckAsync(stop);
                    break;
                case AgentStep.Install step:
                    (_activity, _isWorking) = (step.IsDownloadOnly ? "downloading" : "installing", true);
                    _around.Log($"{_activity} {step.Version}");
                    _work = InstallAsync(step, stop);
                    break;
                case AgentStep.Reboot { Version: var version }:
                    _around.Log($"restarting into {version}");
                    (_activity, _wait) = ("restarting", new(_clock.GetUtcNow() + RebootPatience, $"restarting into {version}"));
                    _around.Publish(_state.Status(_activity, _wait));
                    _machine.Reboot();
                    break;
                case AgentStep.Wait wait:
                    _wait = wait;
                    break;
            }
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            _wait = new(_clock.GetUtcNow() + AgentPolicy.Recheck, error.Message);
        }
        if (_wait is { Why: var why } && why != _lastWhy) _around.Log(_lastWhy = why);
    }

    private void LookAtRootImage()
    {
        if (_saysDamaged || _machine.Verity != RootVerity.Corrupted) return;
        _around.Log("the root image is damaged: blocks were read that are not those that were built (dmesg tells which)");
        _saysDamaged = true;
    }

    private async Task CheckAsync(CancellationToken stop) => await WorkAsync(async () =>
        new AgentMessage.Checked(await _engine.CheckAsync(stop), null), problem => new AgentMessage.Checked(null, problem));

    private async Task InstallAsync(AgentStep.Install step, CancellationToken stop) => await WorkAsync(
        async () =>
        {
            await _engine.InstallAsync(step.IsDownloadOnly, stop);
            return new AgentMessage.Installed(step, null);
        },
        problem => new AgentMessage.Installed(step, problem));

    private async Task WorkAsync(Func<Task<AgentMessage>> work, Func<string, AgentMessage> failed)
    {
        await Task.Yield();
        AgentMessage ended;
        try
        {
            ended = await work();
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception error) when (error is UpdateFailedException or IOException)
        {
            ended = failed(error.Message);
        }
        _mailbox.Writer.TryWrite(ended);
    }

    /// <summary>Null when there is none yet, and it is time to look again: by a clock that nobody sets.</summary>
    private async Task<AgentMessage?> NextMessageAsync(CancellationToken stop)
    {
        var (began, sleep) = (_clock.GetTimestamp(), Sleep());
        while (!_mailbox.Reader.TryPeek(out _))
        {
            _around.Beat();
            var left = sleep - _clock.GetElapsedTime(began);
            if (left <= TimeSpan.Zero) return null;
            var pause = left is { } one && !(_around.BeatInterval < one) ? one : _around.BeatInterval ?? Timeout.InfiniteTimeSpan;
            using var awake = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await Task.WhenAny(_mailbox.Reader.WaitToReadAsync(awake.Token).AsTask(), Task.Delay(pause, _clock, awake.Token));
            await awake.CancelAsync();
            if (stop.IsCancellationRequested) return null;
        }
        return _mailbox.Reader.TryRead(out var message) ? message : null;
    }

    /// <summary>Null until a message comes: what is being worked on tells when it has ended.</summary>
    private TimeSpan? Sleep()
    {
        if (_isWorking || _wait is not { } wait) return null;
        var sleep = wait.Until - _clock.GetUtcNow();
        return sleep < LongestSleep ? sleep : LongestSleep;
    }

    private void Take(AgentMessage message)
    {
        switch (message)
        {
            case AgentMessage.Checked ended:
                _isWorking = false;
                if (_state.Apply(ended) is { } news) _around.Log(news);
                break;
            case AgentMessage.Installed ended:
                _isWorking = false;
                _around.Log(_state.Apply(ended));
                break;
            case AgentMessage.Asked { Request: var request, Reply: var reply }:
                var problem = _state.Apply(request);
                if (request.Verb != AgentVerb.Status) _around.Log($"asked to {AgentSocket.Describe(request)}{(problem is null ? "" : $": refused, {problem}")}");
                if (!_isWorking && request.Verb != AgentVerb.CheckNow && request.Verb != AgentVerb.Retry) Preview();
                reply.SetResult(new(problem, _state.Status(_activity, _wait)));
                break;
        }
    }

    /// <summary>So that an answer already says what follows from the request; what is to be done is done in the next turn.</summary>
    private void Preview() => _wait = _state.Next() as AgentStep.Wait;
}
