using System.Text.Json;
using System.Text.Json.Nodes;

namespace Firn.Images.VirtualMachines;

/// <summary>Something that happened to a machine, as QEMU tells it: RESET, SHUTDOWN, DEVICE_DELETED, …</summary>
internal sealed record QmpEvent(string Name, JsonElement Data)
{
    /// <summary>A text of the event's data; null where there is none.</summary>
    public string? Text(string name) =>
        Data.ValueKind == JsonValueKind.Object && Data.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>Speaks the QEMU Machine Protocol (QEMU documentation, "QMP protocol specification"): a JSON value a line.</summary>
internal sealed class QmpClient : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);
    private readonly Stream _stream;
    private readonly double _timeScale;
    private readonly Action<QmpEvent> _onEvent;
    private readonly Thread _reader;
    private readonly Lock _commands = new();
    private readonly object _state = new();
    private JsonElement? _answer;
    private bool _isClosed;

    /// <summary><paramref name="onEvent"/> is called on the reading thread, for every event in order.</summary>
    public QmpClient(Stream stream, double timeScale, Action<QmpEvent> onEvent)
    {
        (_stream, _timeScale, _onEvent) = (stream, timeScale, onEvent);
        _reader = new Thread(Read) { IsBackground = true, Name = "qmp" };
        _reader.Start();
        try
        {
            Execute("qmp_capabilities");    // QEMU takes nothing else before
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <exception cref="VirtualMachineException">QEMU refused, went away, or did not answer.</exception>
    public JsonElement Execute(string command, JsonObject? arguments = null)
    {
        var request = new JsonObject { ["execute"] = command };
        if (arguments is not null) request["arguments"] = arguments;
        lock (_commands)
        {
            lock (_state) _answer = null;
            try
            {
                _stream.Write(System.Text.Encoding.UTF8.GetBytes(request.ToJsonString() + "\n"));
            }
            catch (IOException error)
            {
                throw new VirtualMachineException($"{command}: the machine is off", error);
            }
            var answer = WaitForAnswer(command);
            if (answer.TryGetProperty("return", out var result)) return result;
            throw new VirtualMachineException($"{command}: {answer.GetProperty("error").GetProperty("desc").GetString()}");
        }
    }

    /// <summary>Waits until all that QEMU said has been heard; only after it ended.</summary>
    public void Dispose()
    {
        _reader.Join();
        _stream.Dispose();
    }

    private JsonElement WaitForAnswer(string command)
    {
        var deadline = new Deadline(AnswerLimit * _timeScale);
        lock (_state)
        {
            while (_answer is null)
            {
                if (_isClosed) throw new VirtualMachineException($"{command}: the machine is off");
                if (deadline.IsOver)
                    throw new VirtualMachineException($"{command}: no answer from QEMU within {deadline.Limit}");
                Monitor.Wait(_state, deadline.Left);
            }
            return _answer.Value;
        }
    }

    private void Read()
    {
        using var lines = new StreamReader(_stream, leaveOpen: true);
        try
        {
            while (lines.ReadLine() is { } line) Hear(JsonDocument.Parse(line).RootElement);
        }
        catch (Exception error) when (error is IOException or JsonException or ObjectDisposedException)
        {
            // QEMU was killed in the middle of a line: that it is gone is all there is to know.
        }
        lock (_state)
        {
            _isClosed = true;
            Monitor.PulseAll(_state);
        }
    }

    private void Hear(JsonElement message)
    {
        if (message.TryGetProperty("event", out var name))
            _onEvent(new(name.GetString()!, message.TryGetProperty("data", out var data) ? data : default));
        else if (!message.TryGetProperty("QMP", out _))
            lock (_state)
            {
                _answer = message;
                Monitor.PulseAll(_state);
            }
    }
}
