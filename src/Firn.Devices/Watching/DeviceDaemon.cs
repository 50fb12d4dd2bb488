using System.Collections.Concurrent;
using Firn.Devices.Actions;
using Firn.Devices.Events;
using Firn.Devices.Matching;
using Firn.Devices.Rules;
using Firn.Devices.Sources;
using Firn.Devices.State;
using Firn.Linux.Events;
using Firn.Linux.Files;
using Firn.Linux.Sockets;

namespace Firn.Devices.Watching;

/// <summary>Waits for events of all sources on one thread and hands them to a <see cref="DeviceHandler"/>. Nothing happens while nothing happens.</summary>
public sealed class DeviceDaemon : IDisposable
{
    private const uint OwnerAndGroup = 0x1b0;    // 0660
    private const int MostAtOnce = 8;    // orders that run side by side

    private readonly DaemonOptions _options;
    private readonly TimeProvider _clock;
    private readonly Action<string> _log;
    private readonly DeviceHandler _handler;
    private readonly OrderRunner _runner;
    private readonly SemaphoreSlim _slots = new(MostAtOnce);
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly EventPoll _poll = new();
    private readonly WakeUp _wakeUp = new();
    private readonly DirectoryWatch _watch = new();
    private readonly byte[] _message = new byte[PropertyList.LongestMessage];
    private readonly Descriptor? _uevents, _socket;
    private readonly bool _isUdev;
    private readonly uint _owner;    // of the socket: ourselves
    private long _refused;
    private bool _isOver, _isDisposed;

    /// <summary>Listens; events wait from now on.</summary>
    /// <exception cref="RuleException">The rules are wrong.</exception>
    /// <exception cref="IOException">Something cannot be listened to.</exception>
    public DeviceDaemon(DaemonOptions options, DeviceTree tree, IServiceManager manager, TimeProvider clock, Action<string> log)
    {
        (_options, _clock, _log) = (options, clock, log);
        var rules = ReadRules(out var problems);
        if (problems.Count > 0) throw new RuleException(problems);
        _runner = new(manager, options.State, options.Dev);
        var store = new AssignmentStore(options.State);
        _handler = new(rules, tree, store, Dispatch, clock, log);
        _handler.Recover(store.Load());

        _isUdev = options.Source == EventSource.Udev || (options.Source == EventSource.Auto && File.Exists("/run/udev/control"));
        if (options.Source != EventSource.None)
        {
            _uevents = UeventSocket.Open(_isUdev ? UeventGroup.Udev : UeventGroup.Kernel);
            _poll.Add(_uevents, PollEvents.Read, 1);
        }
        if (options.Socket is { } path)
        {
            _socket = UnixSocket.ReceiveAt(path);
            _owner = RawFiles.Status(RawPath.From(path)).Uid;
            if (options.SocketGroup is { } group)
            {
                RawFiles.SetOwner(RawPath.From(path), uint.MaxValue, group);    // -1: the owner stays
                RawFiles.SetMode(RawPath.From(path), OwnerAndGroup);
            }
            _poll.Add(_socket, PollEvents.Read, 2);
        }
        _poll.Add(_wakeUp.Descriptor, PollEvents.Read, 3);
        _poll.Add(_watch.Descriptor, PollEvents.Read, 4);
        foreach (var directory in options.Rules.Select(rule => Directory.Exists(rule) ? rule : Path.GetDirectoryName(Path.GetFullPath(rule))!).Distinct())
            if (Directory.Exists(directory)) _watch.Add(directory);
    }

    /// <summary>Messages that were thrown away, because of who sent them or what they said.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Works until <see cref="Stop"/>. Services go on then; the next daemon takes them over.</summary>
    /// <param name="ready">Called when all devices that are there have been looked at.</param>
    public void Run(Action ready)
    {
        _handler.LookAround();
        ready();
        while (!_isOver)
        {
            var count = _poll.Wait(Timeout());
            for (var i = 0; i < count; i++)
                switch (_poll[i].Token)
                {
                    case 1: ReadUevents(); break;
                    case 2: ReadDatagrams(); break;
                    case 3: _wakeUp.Clear(); break;
                    case 4: if (_watch.Names().Any(RuleFile.IsNamedLikeOne)) Reload(); break;
                }
            while (_posted.TryDequeue(out var work)) work();
            if (_handler.NextDue <= _clock.GetUtcNow()) _handler.Tick();
        }
    }

    /// <summary>From any thread.</summary>
    public void Stop() => Post(() => _isOver = true);

    /// <summary>Reads the rules again; from any thread.</summary>
    public void RequestReload() => Post(Reload);

    public void Dispose()
    {
        _uevents?.Dispose();
        _socket?.Dispose();
        _watch.Dispose();
        _poll.Dispose();
        lock (_wakeUp)
        {
            _isDisposed = true;
            _wakeUp.Dispose();
        }
        if (_options.Socket is { } path) File.Delete(path);
    }

    private int Timeout() => _handler.NextDue is { } due
        ? (int)Math.Clamp(Math.Ceiling((due - _clock.GetUtcNow()).TotalMilliseconds), 0, int.MaxValue)
        : -1;

    private void ReadUevents()
    {
        while (true)
        {
            var length = UeventSocket.Receive(_uevents!, _message, out var sender);
            if (length < 0)
            {
                if (!UeventSocket.HasOverrun) return;
                _log("events were lost; looking at all devices");
                _handler.LookAround();
                continue;
            }
            // anyone in the network namespace can send to us: the kernel itself is port 0, udev is root
            if (!sender.IsWhole || sender.User != 0 || (!_isUdev && sender.Port != 0)) Refuse($"a message of user {sender.User}");
            else Understand(_message.AsSpan(0, length), isText: false, _isUdev);
        }
    }

    private void ReadDatagrams()
    {
        while (UeventSocket.Receive(_socket!, _message, out var sender) is >= 0 and var length)
        {
            // who is neither root nor ourselves came in by the group that the socket is open for
            var isAllowed = sender.User is 0 || sender.User == _owner || _options.SocketGroup is not null;
            if (!sender.IsWhole) Refuse($"a datagram longer than {_message.Length} bytes");
            else if (!isAllowed) Refuse($"a datagram of user {sender.User}");
            else Understand(_message.AsSpan(0, length), isText: true, isUdev: false);
        }
    }

    private void Understand(ReadOnlySpan<byte> message, bool isText, bool isUdev)
    {
        try
        {
            if (DeviceMessage.IsUdev(message)) _handler.Handle(DeviceMessage.ParseUdev(message), isUdev);
            else if (!isUdev && (!isText || message.Contains((byte)0))) _handler.Handle(DeviceMessage.ParseKernel(message), isFinished: isText);
            else if (isText) _handler.Handle(EventLine.Parse(PropertyList.Text(message), _handler.Find), isFinished: true);
        }
        catch (InvalidDataException error)
        {
            Refuse($"a message: {error.Message}");
        }
    }

    private void Refuse(string what)
    {
        var count = Interlocked.Increment(ref _refused);
        if (count <= 10 || count % 1000 == 0) _log($"refused {what}");
    }

    private void Reload()
    {
        var rules = ReadRules(out var problems);
        if (problems.Count > 0) _log($"the rules stay as they were:\n{string.Join('\n', problems)}");
        else
        {
            _log($"{rules.Rules.Length} rules");
            _handler.Reload(rules);
        }
    }

    private RuleSet ReadRules(out List<RuleProblem> problems)
    {
        problems = [];
        return new(RuleFile.Read(_options.Rules, problems), _options.User, _options.Site);
    }

    private void Dispatch(ServiceOrder order) => Task.Run(async () =>
    {
        await _slots.WaitAsync();
        ServiceResult result;
        try
        {
            result = _runner.Do(order);
        }
        catch (Exception error)    // a mistake of ours must not leave the unit waiting forever
        {
            result = new(error.Message);
        }
        finally
        {
            _slots.Release();
        }
        Post(() => _handler.Completed(order, result));
    });

    private void Post(Action work)
    {
        _posted.Enqueue(work);
        lock (_wakeUp)
            if (!_isDisposed) _wakeUp.Signal();    // orders may end after the daemon
    }
}
