using Firn.Linux.Events;
using Firn.Linux.Processes;
using Firn.Linux.Terminals;
using Firn.Supervision.Engine;
using Firn.Supervision.Holding;
using Firn.Supervision.Homes;
using Firn.Supervision.Units;

namespace Firn.Supervision.Logs;

/// <summary>
/// Carries the output of all units to their logs, on a thread of its own, so that a slow disk does not slow down anything
/// else. Pipes are made once for a unit and stay, whatever becomes of its processes and of this one.
/// </summary>
internal sealed class LogPump
{
    private const int FileCheckPause = 60_000;

    private readonly DescriptorStore _store;
    private readonly PmHome _home;
    private readonly EventLoop _loop = new();
    private readonly Dictionary<string, LogChannel> _channels = [];
    private readonly Dictionary<string, LogFile> _files = [];
    private readonly byte[] _buffer = new byte[LogChannel.LongestLine];
    private readonly Descriptor _scratchRead, _scratchWrite, _sink;
    private Thread? _thread;
    private volatile bool _isStopping;

    public LogPump(DescriptorStore store, PmHome home)
    {
        (_store, _home) = (store, home);
        (_scratchRead, _scratchWrite) = Descriptor.Pipe();
        _scratchWrite.DoNotBlock();
        _scratchWrite.EnlargePipe(2 * LogChannel.LongestLine);
        _sink = Descriptor.OpenPipe("/dev/null")!;
    }

    /// <summary>Where the output of a unit's processes goes.</summary>
    public (string Path, ChildStream Use) OutputOf(Unit unit)
    {
        switch (unit.Definition.Log)
        {
            case LogKind.None or LogKind.Journal:
                return ("/dev/null", ChildStream.Append);
            case LogKind.File:
                Directory.CreateDirectory(_home.Log(unit.Name));
                WatchFile(unit);
                return ($"{_home.Log(unit.Name)}/{LogFile.Current}", ChildStream.Append);
            default:
                return (Channel(unit, "log", NewPipe).Source.Path, ChildStream.ReadWrite);
        }
    }

    /// <summary>The terminal of a unit.</summary>
    public string TerminalOf(Unit unit) => PseudoTerminal.PathOf(Channel(unit, "tty", PseudoTerminal.Open).Source);

    /// <summary>Goes on with what an earlier manager had begun.</summary>
    /// <param name="pid">A process of the unit, in case the pipe is to be found nowhere else; 0 for none.</param>
    public void Resume(Unit unit, int pid)
    {
        if (_store.Find($"log:{unit.Name}") is not null) Channel(unit, "log", NewPipe);
        else if (unit.Definition.Log is LogKind.Pipe or LogKind.Udp && pid != 0 && OpenPipeOf(pid) is { } pipe) Channel(unit, "log", () => pipe);
        if (_store.Find($"tty:{unit.Name}") is not null) Channel(unit, "tty", PseudoTerminal.Open);
        if (unit.Definition.Log == LogKind.File && pid != 0) WatchFile(unit);
    }

    /// <summary>Takes over changed settings of a unit's log.</summary>
    public void Follow(Unit unit)
    {
        var definition = unit.Definition;
        if (_channels.TryGetValue($"log:{unit.Name}", out var channel)) _loop.Post(() => channel.Follow(definition));
    }

    public void Forget(Unit unit)
    {
        foreach (var key in (string[])[$"log:{unit.Name}", $"tty:{unit.Name}"])
        {
            if (!_channels.Remove(key, out var channel)) continue;
            _store.Forget(key);
            _loop.Post(() =>
            {
                channel.Drain(_buffer);
                _loop.Forget(channel.Source);
                channel.Source.Dispose();
                channel.OtherEnd?.Dispose();
                channel.File.Dispose();
            });
        }
    }

    public void Resize(Unit unit, ushort rows, ushort columns) => PseudoTerminal.Resize(Channel(unit, "tty", PseudoTerminal.Open).Source, rows, columns);

    /// <summary>Joins a connection with a unit's terminal; it is closed when either ends.</summary>
    public void Attach(Unit unit, Descriptor connection, Action closed)
    {
        var channel = Channel(unit, "tty", PseudoTerminal.Open);
        _loop.Post(() =>
        {
            channel.Viewers.Add(connection);
            _loop.Watch(connection, PollEvents.Read, _ =>
            {
                var count = connection.Read(_buffer);
                if (count > 0) channel.Source.Write(_buffer.AsSpan(0, count));
                else if (count == 0 || !Descriptor.WouldBlock)
                {
                    _loop.Forget(connection);
                    channel.Viewers.Remove(connection);
                    closed();
                }
            });
        });
    }

    public void RotateAll()
    {
        foreach (var channel in new List<LogChannel>(_channels.Values)) _loop.Post(channel.File.Rotate);
    }

    public void Start()
    {
        _thread = new Thread(Run, 256 << 10) { IsBackground = true, Name = "logs" };
        _thread.Start();
    }

    /// <summary>Carries what is there to its files, and ends.</summary>
    public void Stop()
    {
        _isStopping = true;
        _loop.Post(() => { });
        _thread?.Join(TimeSpan.FromSeconds(5));
    }

    private void Run()
    {
        while (!_isStopping)
        {
            var pause = _files.Count > 0 ? FileCheckPause : -1;
            if (_loop.RunOnce(pause) == 0 && !_isStopping) CheckFiles();
        }
        foreach (var channel in _channels.Values) channel.Drain(_buffer);
    }

    private LogChannel Channel(Unit unit, string kind, Func<Descriptor> open)
    {
        var key = $"{kind}:{unit.Name}";
        if (_channels.TryGetValue(key, out var known)) return known;
        var source = _store.Find(key);
        if (source is null)
        {
            source = open();
            _store.Keep(key, source);
        }
        var channel = new LogChannel(unit.Name, _home.Log(unit.Name), source, _scratchRead, _scratchWrite, _sink)
        {
            IsTerminal = kind == "tty",
            OtherEnd = kind == "tty" ? Descriptor.OpenPipe(PseudoTerminal.PathOf(source)) : null,
        };
        channel.Follow(unit.Definition);
        _channels[key] = channel;
        _loop.Post(() => _loop.Watch(source, PollEvents.Read, _ => channel.Drain(_buffer)));
        return channel;
    }

    /// <summary>A pipe open for both directions: it neither ends when no process writes, nor breaks when no manager reads.</summary>
    private static Descriptor NewPipe()
    {
        var (read, write) = Descriptor.Pipe();
        using (read)
        using (write) return Descriptor.OpenPipe(read.Path) ?? throw new IOException($"{read.Path}: cannot be opened again");
    }

    private static Descriptor? OpenPipeOf(int pid)
    {
        try
        {
            var path = $"/proc/{pid}/fd/1";
            return new FileInfo(path).LinkTarget is { } target && target.StartsWith("pipe:", StringComparison.Ordinal) ? Descriptor.OpenPipe(path) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void WatchFile(Unit unit)
    {
        var (name, definition) = (unit.Name, unit.Definition);
        _loop.Post(() =>
        {
            var file = new LogFile(_home.Log(name));
            file.Follow(definition);
            _files[name] = file;
            CheckFiles();
        });
    }

    /// <summary>
    /// Files that units write themselves: copied and cut off when they are too long. What is written between the two is
    /// lost, which is why pipes are the default.
    /// </summary>
    private void CheckFiles()
    {
        foreach (var (name, settings) in _files)
        {
            var path = $"{_home.Log(name)}/{LogFile.Current}";
            if (!File.Exists(path) || new FileInfo(path).Length < settings.MaximumSize) continue;
            try
            {
                CopyTruncate.Rotate(path, settings.Keep);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // tried again with the next look
            }
        }
    }
}
