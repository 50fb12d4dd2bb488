using System.Collections.Concurrent;
using Firn.Linux.Events;

namespace Firn.Supervision.Engine;

/// <summary>One thread that waits for many descriptors, and for work that other threads have for it.</summary>
internal sealed class EventLoop : IDisposable
{
    private readonly EventPoll _poll = new();
    private readonly WakeUp _wakeUp = new();
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly Dictionary<long, Action<PollEvents>> _handlers = [];
    private readonly Dictionary<Descriptor, Token> _tokens = [];
    private long _lastToken;

    public EventLoop() => Watch(_wakeUp.Descriptor, PollEvents.Read, _ => _wakeUp.Clear());

    public void Watch(Descriptor descriptor, PollEvents events, Action<PollEvents> handler)
    {
        var token = ++_lastToken;
        _poll.Add(descriptor, events, token);
        _handlers[token] = handler;
        _tokens[descriptor] = new(token);
    }

    public void Change(Descriptor descriptor, PollEvents events)
    {
        if (_tokens.TryGetValue(descriptor, out var token)) _poll.Change(descriptor, events, token.Number);
    }

    /// <summary>Before the descriptor is closed.</summary>
    public void Forget(Descriptor descriptor)
    {
        if (!_tokens.Remove(descriptor, out var token)) return;
        _poll.Remove(descriptor);
        _handlers.Remove(token.Number);
    }

    /// <summary>Has something done on this thread; callable from any.</summary>
    public void Post(Action work)
    {
        _posted.Enqueue(work);
        _wakeUp.Signal();
    }

    /// <summary>Handles what there is, waiting at most so long for it.</summary>
    /// <returns>How much there was.</returns>
    public int RunOnce(int milliseconds)
    {
        var count = _poll.Wait(milliseconds);
        for (var i = 0; i < count; i++)
        {
            var (events, token) = _poll[i];
            if (_handlers.TryGetValue(token, out var handler)) handler(events);    // not when forgotten in this very turn
        }
        while (_posted.TryDequeue(out var work)) work();
        return count;
    }

    public void Dispose()
    {
        _poll.Dispose();
        _wakeUp.Dispose();
    }

    // a class: a dictionary of numbers would be compiled when the manager starts
    private sealed record Token(long Number);
}
