using Firn.Linux.Events;
using Firn.Linux.Processes;
using Firn.Linux.Sockets;
using Firn.Supervision.Engine;

namespace Firn.Supervision.Control;

/// <summary>Takes commands from the socket and from the FIFO, and never waits for anyone.</summary>
internal sealed class ControlServer(Supervisor supervisor, ControlCommands commands)
{
    private const int MostConnections = 512;

    private readonly HashSet<ControlConnection> _connections = [];
    private readonly LineBuffer _input = new(ControlRequest.LongestInputLine);
    private Descriptor? _fifo;

    public void Listen()
    {
        var home = supervisor.Home;
        var listening = supervisor.Options.Store.Find("control");
        if (listening is null || !File.Exists(home.Socket))
        {
            listening = UnixSocket.Listen(home.Socket);
            supervisor.Options.Store.Keep("control", listening);
        }
        if (supervisor.Options.AllowGroup is { } group)
        {
            var path = Firn.Linux.Files.RawPath.From(home.Socket);
            Firn.Linux.Files.RawFiles.SetOwner(path, CurrentProcess.User, group);
            Firn.Linux.Files.RawFiles.SetMode(path, 0x1b0);
        }
        supervisor.Loop.Watch(listening, PollEvents.Read, _ => Accept(listening));
        if (!File.Exists(home.Input)) Descriptor.MakeFifo(home.Input);
        _fifo = Descriptor.OpenPipe(home.Input);
        if (_fifo is not null) supervisor.Loop.Watch(_fifo, PollEvents.Read, _ => ReadInput(_fifo));
    }

    /// <summary>Carries out a file of commands, a line each.</summary>
    public void ReadStream(string path)
    {
        foreach (var line in File.ReadAllLines(path)) Execute(line);
    }

    private void Accept(Descriptor listening)
    {
        while (UnixSocket.Accept(listening) is { } socket)
        {
            var peer = UnixSocket.PeerOf(socket);
            var mayCommand = peer.User == 0 || peer.User == CurrentProcess.User || peer.Group == supervisor.Options.AllowGroup;
            var connection = new ControlConnection(socket, supervisor.Loop, commands, closed => _connections.Remove(closed));
            _connections.Add(connection);
            connection.Begin();
            if (!mayCommand) connection.Refuse(5, "permission denied: only root and the owner of this manager may give commands");
            else if (_connections.Count > MostConnections) connection.Refuse(75, "the manager is busy: too many connections");
        }
    }

    private void ReadInput(Descriptor fifo)
    {
        Span<byte> buffer = stackalloc byte[4096];
        while (fifo.Read(buffer) is > 0 and var count)
            _input.Add(buffer[..count], Execute, () => supervisor.Tell($"{supervisor.Home.Input}: a line is longer than {ControlRequest.LongestInputLine} bytes; it was dropped"));
    }

    private void Execute(ReadOnlyMemory<byte> line) => Execute(System.Text.Encoding.UTF8.GetString(line.Span));

    private void Execute(string line)
    {
        line = line.Trim();
        if (line.Length == 0 || line[0] == '#') return;
        try
        {
            commands.Execute(ControlRequest.ParseWords(line), new CommandAnswer(_ => { }, (exit, message) =>
            {
                if (exit != 0) supervisor.Tell($"{line}: {message}");
            }));
        }
        catch (InvalidDataException error)
        {
            supervisor.Tell($"{line}: {error.Message}");
        }
    }
}
