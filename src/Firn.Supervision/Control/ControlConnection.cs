using Firn.Linux.Events;
using Firn.Supervision.Engine;

namespace Firn.Supervision.Control;

/// <summary>One client: requests come in, answers wait until they can go out. A client that does not read is dropped.</summary>
internal sealed class ControlConnection(Descriptor socket, EventLoop loop, ControlCommands commands, Action<ControlConnection> closed)
{
    private const int MostWaiting = 16 << 20;

    private readonly LineBuffer _lines = new(ControlRequest.LongestLine * 16);
    private readonly Queue<byte[]> _waiting = new();
    private int _waitingBytes, _firstOffset;
    private bool _isClosed, _endsWhenEmpty;

    public void Begin() => loop.Watch(socket, PollEvents.Read, OnEvents);

    /// <summary>Tells why and hangs up; what else the client sends is not heard.</summary>
    public void Refuse(int exit, string message)
    {
        _endsWhenEmpty = true;
        Send(ControlReply.End(exit, message));
    }

    private void OnEvents(PollEvents events)
    {
        if ((events & PollEvents.Write) != 0) Flush();
        if (_isClosed || (events & (PollEvents.Read | PollEvents.HangUp | PollEvents.Error)) == 0) return;
        Span<byte> buffer = stackalloc byte[16 << 10];
        var count = socket.Read(buffer);
        if (count > 0) _lines.Add(buffer[..count], Execute, () => Refuse(2, "a request is too long"));
        else if (count == 0 || !Descriptor.WouldBlock) Close();
    }

    private void Execute(ReadOnlyMemory<byte> line)
    {
        if (_isClosed || _endsWhenEmpty) return;
        try
        {
            var request = ControlRequest.ParseJson(line);
            commands.Execute(request, new(Send, (exit, message) => Send(ControlReply.End(exit, message)))
            {
                TakeOver = TakeOver,
                Closed = () => _isClosed,
            });
        }
        catch (InvalidDataException error)
        {
            Refuse(2, error.Message);
        }
    }

    private void Send(byte[] line)
    {
        if (_isClosed) return;
        _waiting.Enqueue(line);
        _waitingBytes += line.Length;
        if (_waitingBytes > MostWaiting) Close();
        else Flush();
    }

    private void Flush()
    {
        while (_waiting.TryPeek(out var first))
        {
            var count = socket.Send(first.AsSpan(_firstOffset));
            if (count < 0)
            {
                if (Descriptor.WouldBlock) loop.Change(socket, PollEvents.Read | PollEvents.Write);
                else Close();
                return;
            }
            _firstOffset += count;
            _waitingBytes -= count;
            if (_firstOffset < first.Length) continue;
            _waiting.Dequeue();
            _firstOffset = 0;
        }
        if (_endsWhenEmpty) Close();
        else loop.Change(socket, PollEvents.Read);
    }

    private Descriptor? TakeOver()
    {
        Flush();
        if (_isClosed || _waiting.Count > 0) return null;
        _isClosed = true;
        loop.Forget(socket);
        closed(this);
        return socket;
    }

    private void Close()
    {
        if (_isClosed) return;
        _isClosed = true;
        loop.Forget(socket);
        socket.Dispose();
        closed(this);
    }
}
