using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Firn.Images.VirtualMachines;

/// <summary>
/// A machine's serial console: everything it ever said, over all its starts, and a place up to which it was read.
/// <see cref="WaitFor"/> looks at what came after that place and moves it behind the match.
/// </summary>
public sealed class SerialConsole : IDisposable
{
    /// <summary>A pattern is looked for in this much of the newest text; a match cannot be longer.</summary>
    private const int Window = 256 << 10;

    /// <summary>What matches up to the last character is believed when nothing more came for so long.</summary>
    private static readonly TimeSpan SettlingTime = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PatternLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(30);

    private readonly object _state = new();
    private readonly ConsoleText _text = new();
    private readonly ConsoleBytes _bytes = new();
    private readonly Func<string> _whyOff;
    private readonly double _timeScale;
    private readonly FileStream? _log;
    private Socket? _socket;
    private Thread? _reader;
    private long _position;
    private long _lastByte = Stopwatch.GetTimestamp();
    private bool _isOn;

    /// <summary><paramref name="whyOff"/> says what became of a machine whose console has ended.</summary>
    internal SerialConsole(string? log, double timeScale, Func<string> whyOff)
    {
        (_timeScale, _whyOff) = (timeScale, whyOff);
        _log = log is null ? null : new FileStream(log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 0);
    }

    /// <summary>The pattern, compiled as this class searches: ^ and $ match at every line.</summary>
    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    public static Regex Pattern(string pattern) =>
        new(pattern, RegexOptions.Multiline | RegexOptions.CultureInvariant, PatternLimit);

    /// <summary>The newest 16 Mi characters of plain text.</summary>
    public string Text
    {
        get { lock (_state) return _text.From(0); }
    }

    public string LastLines(int count)
    {
        lock (_state) return _text.LastLines(count);
    }

    /// <summary>
    /// Waits until the pattern matches what came since the last match. A match of <paramref name="unless"/> before that
    /// fails the wait.
    /// </summary>
    /// <exception cref="VirtualMachineException">It did not come in time, something else did, or the machine went off.</exception>
    public Match WaitFor(string pattern, TimeSpan timeLimit, string? unless = null, CancellationToken cancellation = default)
    {
        var (search, refuse) = (Pattern(pattern), unless is null ? null : Pattern(unless));
        return WaitUntil(
            () => Find(search, refuse, isHasty: false), new(timeLimit * _timeScale), $"expected /{pattern}/", cancellation);
    }

    /// <returns>Null when it did not come in time.</returns>
    internal Match? TryWaitFor(Regex pattern, Deadline deadline, CancellationToken cancellation) =>
        TryWaitUntil(() => Find(pattern, unless: null, isHasty: false), deadline, $"expected /{pattern}/", cancellation);

    /// <summary>Returns with the first sign of a match, although more of its line may still come.</summary>
    /// <exception cref="VirtualMachineException">It did not come in time, or the machine went off.</exception>
    public Match WaitHastilyFor(string pattern, TimeSpan timeLimit, CancellationToken cancellation = default)
    {
        var search = Pattern(pattern);
        return WaitUntil(
            () => Find(search, unless: null, isHasty: true), new(timeLimit * _timeScale), $"expected /{pattern}/", cancellation);
    }

    /// <summary>What came until now is read.</summary>
    public void SkipToEnd()
    {
        lock (_state) _position = _text.End;
    }

    /// <summary>Writes out what comes from now on, as it comes, until the machine is off or this is cancelled.</summary>
    public void CopyTo(Stream output, CancellationToken cancellation)
    {
        using var wake = cancellation.Register(Wake);
        var offset = BytesEnd;
        while (!cancellation.IsCancellationRequested)
        {
            lock (_state)
            {
                if (_bytes.End == offset && !_isOn) return;
                if (_bytes.End == offset) Monitor.Wait(_state);
            }
            var bytes = BytesFrom(offset);
            output.Write(bytes);
            output.Flush();
            offset += bytes.Length;
        }
    }

    public void SendLine(string line) => Send(line + "\n");

    /// <exception cref="VirtualMachineException">The machine is off, or does not take its input.</exception>
    public void Send(string text)
    {
        Socket? socket;
        lock (_state) socket = _isOn ? _socket : null;
        if (socket is null) throw new VirtualMachineException($"send: {_whyOff()}");
        try
        {
            var bytes = Encoding.UTF8.GetBytes(text).AsSpan();
            while (bytes.Length > 0) bytes = bytes[socket.Send(bytes)..];
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            throw new VirtualMachineException("send: the machine does not take what is typed", error);
        }
    }

    public void Dispose()
    {
        Detach();
        _log?.Dispose();
    }

    /// <summary>Begins to read a console that has just been connected.</summary>
    internal void Attach(Socket socket)
    {
        socket.SendTimeout = (int)(SendLimit * _timeScale).TotalMilliseconds;
        lock (_state) (_socket, _isOn) = (socket, true);
        _reader = new Thread(() => Read(socket)) { IsBackground = true, Name = "console" };
        _reader.Start();
    }

    /// <summary>Reads what is left of a console whose machine has ended.</summary>
    internal void Detach()
    {
        _reader?.Join();
        _socket?.Dispose();
        (_reader, _socket) = (null, null);
    }

    /// <summary>A line of our own in the log, between what the machine says; never in <see cref="Text"/>.</summary>
    internal void Annotate(string note)
    {
        lock (_state) _log?.Write(Encoding.UTF8.GetBytes($"\n--- firn: {note} ---\n"));
    }

    /// <summary>Where the bytes that come next will be.</summary>
    internal long BytesEnd
    {
        get { lock (_state) return _bytes.End; }
    }

    internal bool IsOn
    {
        get { lock (_state) return _isOn; }
    }

    internal TimeSpan Quiet
    {
        get { lock (_state) return Stopwatch.GetElapsedTime(_lastByte); }
    }

    internal long Position
    {
        get { lock (_state) return _position; }
        set { lock (_state) _position = value; }
    }

    internal string TextFrom(long position)
    {
        lock (_state) return _text.From(position);
    }

    internal long TextEnd
    {
        get { lock (_state) return _text.End; }
    }

    /// <exception cref="VirtualMachineException">More came since than is kept.</exception>
    internal byte[] BytesFrom(long offset)
    {
        lock (_state)
            return _bytes.TryGetFrom(offset, out var bytes)
                ? bytes.ToArray() : throw new VirtualMachineException("the answer is larger than what is kept of the console");
    }

    /// <exception cref="VirtualMachineException">The deadline is over, or the machine went off.</exception>
    internal T WaitUntil<T>(Func<T?> probe, Deadline deadline, string expectation, CancellationToken cancellation)
        where T : class =>
        TryWaitUntil(probe, deadline, expectation, cancellation)
        ?? throw new VirtualMachineException($"{expectation}, which did not come within {deadline}");

    /// <summary>
    /// Asks again whenever something new came (and in between), until there is an answer or the deadline is
    /// over. A probe that takes long is asked less often.
    /// </summary>
    /// <exception cref="VirtualMachineException">The machine went off.</exception>
    internal T? TryWaitUntil<T>(Func<T?> probe, Deadline deadline, string expectation, CancellationToken cancellation)
        where T : class
    {
        using var wake = cancellation.Register(Wake);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var (end, isOn) = Now();
            var asked = Stopwatch.GetTimestamp();
            if (probe() is { } answer) return answer;
            if (!isOn) throw new VirtualMachineException($"{expectation}, but {_whyOff()}");
            if (deadline.IsOver) return null;
            Thread.Sleep(Stopwatch.GetElapsedTime(asked));
            lock (_state)
                if (_bytes.End == end && _isOn && !cancellation.IsCancellationRequested)
                    Monitor.Wait(_state, deadline.Within(ProbeInterval).Limit);
        }
    }

    private void Wake()
    {
        lock (_state) Monitor.PulseAll(_state);
    }

    private (long End, bool IsOn) Now()
    {
        lock (_state) return (_bytes.End, _isOn);
    }

    private Match? Find(Regex pattern, Regex? unless, bool isHasty)
    {
        long start;
        string text;
        bool isSettled;
        lock (_state)
        {
            start = Math.Max(_position, _text.End - Window);
            text = _text.From(start);
            isSettled = isHasty || !_isOn || Quiet > SettlingTime * _timeScale;
        }
        try
        {
            var match = pattern.Match(text);
            var bad = unless?.Match(text) ?? Match.Empty;
            // The end of the text is in the middle of a line, as likely as not: the next digit would match, too.
            if (!isSettled && ((match.Success && match.Index + match.Length == text.Length)
                || (bad.Success && text.IndexOf('\n', bad.Index) < 0))) return null;
            if (bad.Success && !(match.Success && match.Index < bad.Index))
                throw new VirtualMachineException($"expected /{pattern}/, but /{unless}/ came first: {LineAt(text, bad.Index)}");
            if (!match.Success) return null;
            Position = start + match.Index + match.Length;
            return match;
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new VirtualMachineException($"/{error.Pattern}/ takes too long to search for: use a simpler pattern", error);
        }
    }

    private static string LineAt(string text, int index)
    {
        var start = index == 0 ? 0 : text.LastIndexOf('\n', index - 1) + 1;
        var end = text.IndexOf('\n', index);
        return text[start..(end < 0 ? text.Length : end)];
    }

    private void Read(Socket socket)
    {
        var buffer = new byte[16 << 10];
        try
        {
            while (socket.Receive(buffer) is > 0 and var count) Hear(buffer.AsSpan(0, count));
        }
        catch (SocketException)
        {
            // A killed QEMU may reset the connection: it is off, which is what the caller is told.
        }
        lock (_state) _isOn = false;
        Wake();
    }

    private void Hear(ReadOnlySpan<byte> bytes)
    {
        lock (_state)
        {
            _log?.Write(bytes);
            _bytes.Append(bytes);
            _text.Append(bytes);
            _lastByte = Stopwatch.GetTimestamp();
            Monitor.PulseAll(_state);
        }
    }
}
