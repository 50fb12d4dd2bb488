using System.Globalization;
using System.Text;
using Firn.Linux.Events;
using Firn.Supervision.Units;

namespace Firn.Supervision.Logs;

/// <summary>
/// One unit's output on its way to the files. Bytes go from pipe to file within the kernel; where they must be seen they
/// are copied out of the pipe first, and taken out when they are written: a manager that dies loses none.
/// </summary>
internal sealed class LogChannel(string name, string directory, Descriptor source, Descriptor scratchRead, Descriptor scratchWrite, Descriptor sink)
{
    /// <summary>A line that is longer is cut there.</summary>
    public const int LongestLine = 64 << 10;

    private const int Turn = 4 << 20, LargePipe = 1 << 20;

    private UnitDefinition _definition = new() { Name = name };
    private UdpLog? _udp;
    private bool _isLarge;

    public LogFile File { get; } = new(directory);
    public Descriptor Source => source;

    /// <summary>Whether the source is our end of a terminal, whose output cannot be looked at without taking it.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>The terminal's end for programs: open, so that it is never hung up between two of them.</summary>
    public Descriptor? OtherEnd { get; init; }

    /// <summary>Who looks at the terminal now.</summary>
    public List<Descriptor> Viewers { get; } = [];

    public void Follow(UnitDefinition definition)
    {
        _definition = definition;
        File.Follow(definition);
        _udp = definition.Log == LogKind.Udp ? new UdpLog(definition.LogTarget, name) : null;
    }

    /// <summary>Moves on what there is, up to a fair share.</summary>
    public void Drain(byte[] buffer)
    {
        for (var total = 0; total < Turn;)
        {
            var count = IsTerminal ? TakeFromTerminal(buffer) : _definition.LogStamps || _udp is not null ? TakeLines(buffer) : TakeBytes(buffer);
            if (count <= 0) return;
            total += count;
        }
    }

    private int TakeBytes(byte[] buffer)
    {
        var room = File.MaximumSize - File.Size;
        if (room <= LongestLine) return TakeToEnd(buffer, (int)Math.Max(0, room));
        var count = File.HasLoss ? -1 : File.Take(source, (int)Math.Min(room - LongestLine, LargePipe));
        if (count >= 0 || Descriptor.WouldBlock)
        {
            if (count >= LongestLine / 2 && !_isLarge)
            {
                _isLarge = true;
                source.EnlargePipe(LargePipe);
            }
            return count;
        }
        // the file does not take it: perhaps it is full, perhaps it cannot be spliced to
        count = Look(buffer, LongestLine);
        if (count <= 0) return count;
        if (Descriptor.IsFull) File.DropOldest();
        File.Write(buffer.AsSpan(0, count));
        return Consume(count);
    }

    /// <summary>The last of a file: up to the first end of a line after its size.</summary>
    private int TakeToEnd(byte[] buffer, int room)
    {
        var seen = Look(buffer, LongestLine);
        if (seen <= 0) return seen;
        var from = Math.Min(room, seen);
        var end = buffer.AsSpan(from, seen - from).IndexOf((byte)'\n');
        var isEnd = end >= 0 || seen == LongestLine || File.Size >= File.MaximumSize + LongestLine;
        var count = end >= 0 ? from + end + 1 : seen;
        var taken = File.Take(source, count);
        if (taken < 0)
        {
            File.Write(buffer.AsSpan(0, count));
            taken = Consume(count);
        }
        if (isEnd && taken == count) File.Rotate();
        return taken;
    }

    /// <summary>Whole lines, each with the time it came at.</summary>
    private int TakeLines(byte[] buffer)
    {
        var seen = Look(buffer, LongestLine);
        if (seen <= 0) return seen;
        var end = buffer.AsSpan(0, seen).LastIndexOf((byte)'\n') + 1;
        if (end == 0 && seen < LongestLine) return 0;    // wait for the rest of the line
        if (end == 0) end = seen;
        var lines = buffer.AsSpan(0, end);
        var stamp = Encoding.ASCII.GetBytes($"{DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff00'Z '", CultureInfo.InvariantCulture)}");
        while (lines.Length > 0)
        {
            var next = lines.IndexOf((byte)'\n');
            var line = next < 0 ? lines : lines[..(next + 1)];
            lines = lines[line.Length..];
            if (_udp is not null) _udp.Send(line);
            else
            {
                File.Write([.. stamp, .. line]);
                if (next < 0) File.Write("\n"u8);
            }
        }
        if (File.Size >= File.MaximumSize) File.Rotate();
        return Consume(end);
    }

    private int TakeFromTerminal(byte[] buffer)
    {
        var count = source.Read(buffer);
        if (count <= 0) return count;
        File.Write(buffer.AsSpan(0, count));
        if (File.Size >= File.MaximumSize) File.Rotate();
        foreach (var viewer in Viewers) viewer.Write(buffer.AsSpan(0, count));
        return count;
    }

    /// <summary>Sees what is in the pipe, and leaves it there.</summary>
    private int Look(byte[] buffer, int most)
    {
        var count = source.TeeTo(scratchWrite, most);
        if (count <= 0) return count;
        for (var read = 0; read < count;)
            if (scratchRead.Read(buffer.AsSpan(read, count - read)) is > 0 and var part) read += part;
            else return -1;
        return count;
    }

    private int Consume(int count)
    {
        for (var left = count; left > 0;)
            if (source.SpliceTo(sink, left) is > 0 and var part) left -= part;
            else break;
        return count;
    }
}
