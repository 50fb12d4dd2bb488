namespace Firn.Supervision.Units;

public enum UnitType
{
    /// <summary>A process that stays.</summary>
    Service,

    /// <summary>A process that does something and ends.</summary>
    Oneshot,

    /// <summary>No process of ours: a command says whether it is there.</summary>
    Resource,
}

public enum RestartPolicy { No, OnFailure, Always }

public enum ReadyKind { Settle, PidFile, Notify, Descriptor, Tcp, Unix, Command, Exit }

/// <summary>How a starting unit shows that it runs.</summary>
/// <param name="Text">A path or a command.</param>
/// <param name="Number">A port, or the number of a descriptor.</param>
/// <param name="Milliseconds">How long it must live, for <see cref="ReadyKind.Settle"/>.</param>
public sealed record Readiness(ReadyKind Kind, string Text = "", int Number = 0, int Milliseconds = 0)
{
    public const string Expected = "settle, settle(500ms), pidfile, notify, fd:N, tcp:PORT, unix:PATH, exec:COMMAND or exit";

    public static Readiness Default { get; } = new(ReadyKind.Settle, Milliseconds: 1000);

    public static Readiness? Parse(string text)
    {
        if (text == "settle") return Default;
        if (text == "exit") return new(ReadyKind.Exit);
        if (text == "pidfile") return new(ReadyKind.PidFile);
        if (text == "notify") return new(ReadyKind.Notify);
        if (text.StartsWith("settle(", StringComparison.Ordinal) && text.EndsWith(')'))
            return UnitValues.Time(text[7..^1]) is { } time ? new(ReadyKind.Settle, Milliseconds: time) : null;
        var colon = text.IndexOf(':');
        if (colon < 0 || colon == text.Length - 1) return null;
        var rest = text[(colon + 1)..];
        return text[..colon] switch
        {
            "fd" => UnitValues.Number(rest, 3, 1023) is { } number ? new(ReadyKind.Descriptor, Number: number) : null,
            "tcp" => UnitValues.Number(rest, 1, 65535) is { } port ? new(ReadyKind.Tcp, Number: port) : null,
            "unix" => rest.StartsWith('/') ? new(ReadyKind.Unix, rest) : null,
            "exec" => CommandWords.Split(rest) is { Length: > 0 } ? new(ReadyKind.Command, rest) : null,
            _ => null,
        };
    }
}

public enum LogKind
{
    /// <summary>Through a pipe into files that the manager rotates.</summary>
    Pipe,

    /// <summary>The unit writes the file itself.</summary>
    File,
    None,

    /// <summary>To systemd's journal, by <c>systemd-cat</c>.</summary>
    Journal,

    /// <summary>As RFC 5424 messages.</summary>
    Udp,
}
