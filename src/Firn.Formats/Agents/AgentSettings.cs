using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Firn.Formats.Overlays;

namespace Firn.Formats.Agents;

/// <summary>How far the agent goes without a person.</summary>
public enum AgentReach
{
    /// <summary>It looks what there is, and says so.</summary>
    Check,

    /// <summary>It fills the idle slot, which stays asleep until somebody installs.</summary>
    Download,

    /// <summary>It installs and restarts, when it may.</summary>
    Install,
}

public enum RebootStrategy { Immediate, Window, Signal, Never }

public enum ConfirmStrategy
{
    /// <summary>Health checks decide.</summary>
    Health,

    /// <summary>When they are passed, a person has to agree.</summary>
    Operator,
}

/// <summary>
/// What the agent does by itself, and when: <c>agent.conf</c>, lines <c>name=value</c>. That of the image comes from the recipe;
/// names in that of a person replace those of the image. docs/reference/agent.md.
/// </summary>
public sealed record AgentSettings
{
    /// <summary>In an image.</summary>
    public const string SettingsPath = "usr/lib/firn/agent.conf";

    /// <summary>In place of where something is served.</summary>
    public const string Off = "off";

    /// <summary>In place of a file that the machine makes by itself.</summary>
    public const string Generated = "generated";

    /// <summary>Names of all settings, for who writes them in another form.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        "poll", "jitter", "reach", "window", "timezone", "install", "reboot", "reboot.signal", "reboot.lock", "delay", "metered", "metered.reach",
        "attempts", "confirm", "confirm.within", "check", "check.retries", "check.interval", "metrics", "web", "web.certificate", "watchdog",
    ];

    /// <summary>Settings that may come several times.</summary>
    public static ImmutableArray<string> Lists { get; } = ["window", "reboot.lock", "check"];

    public TimeSpan Poll { get; private init; } = TimeSpan.FromHours(1);

    /// <summary>Percent of <see cref="Poll"/> by which it comes earlier or later, so that a fleet does not ask at once.</summary>
    public int JitterPercent { get; private init; } = 25;
    public AgentReach Reach { get; private init; } = AgentReach.Install;
    public ImmutableArray<WeeklyWindow> Windows { get; private init; } = [];
    public TimeZoneInfo TimeZone { get; private init; } = TimeZoneInfo.Utc;
    public bool InstallsInWindowOnly { get; private init; }
    public RebootStrategy Reboot { get; private init; } = RebootStrategy.Immediate;

    /// <summary>With <see cref="RebootStrategy.Signal"/>: a file whose existence allows it.</summary>
    public string RebootSignal { get; private init; } = "/run/firn/reboot-allowed";

    /// <summary>Files that another program locks (flock(2)) while the machine must not restart.</summary>
    public ImmutableArray<string> RebootLocks { get; private init; } = [];

    /// <summary>Between a release being seen first and its installation.</summary>
    public TimeSpan Delay { get; private init; }

    /// <summary>A program that exits with 0 while traffic costs money; null: it never does.</summary>
    public string? Metered { get; private init; }

    /// <summary>How far it goes meanwhile, if <see cref="Reach"/> goes that far.</summary>
    public AgentReach MeteredReach { get; private init; } = AgentReach.Check;

    /// <summary>How many trials of one version may fail before a person is asked.</summary>
    public int Attempts { get; private init; } = 1;
    public ConfirmStrategy Confirm { get; private init; } = ConfirmStrategy.Health;
    public TimeSpan ConfirmWithin { get; private init; } = TimeSpan.FromHours(1);

    /// <summary>Health checks as written; <see cref="HealthCheckLine"/>.</summary>
    public ImmutableArray<HealthCheckLine> Checks { get; private init; } = [];

    /// <summary>A minute with the default interval: as long as slow switches and DHCP take. A trial given up too early costs a release.</summary>
    public int CheckRetries { get; private init; } = 11;
    public TimeSpan CheckInterval { get; private init; } = TimeSpan.FromSeconds(5);

    /// <summary>A port of 127.0.0.1; null: no metrics.</summary>
    public int? MetricsPort { get; private init; }

    /// <summary>Where the page for browsers is served, <c>::</c> for all addresses of this machine; null: nowhere.</summary>
    public IPEndPoint? Web { get; private init; }

    /// <summary>A file with the certificate of that page and its key; <see cref="Generated"/>, or <see cref="Off"/> for no TLS.</summary>
    public string WebCertificate { get; private init; } = Generated;

    /// <summary>A device to feed where systemd does not; null: none.</summary>
    public string? Watchdog { get; private init; }

    /// <param name="fileName">For messages.</param>
    /// <exception cref="InvalidDataException">A name is unknown, or a value wrong.</exception>
    public static AgentSettings Read(NamedValues values, string fileName)
    {
        foreach (var one in values.All)
            if (!Names.Contains(one.Name)) throw new InvalidDataException($"{fileName}: unknown setting '{one.Name}'; expected {string.Join(", ", Names)}");
        var reader = new SettingReader(values, fileName);
        var settings = new AgentSettings();
        settings = settings with
        {
            Poll = reader.Time("poll", settings.Poll, TimeSpan.FromSeconds(5)),
            JitterPercent = reader.Number("jitter", settings.JitterPercent, 0, 100),
            Reach = reader.Reach("reach", settings.Reach),
            Windows = reader.All("window", WeeklyWindow.Expected, text => WeeklyWindow.TryParse(text, out var window) ? window : null),
            TimeZone = reader.Zone("timezone"),
            InstallsInWindowOnly = reader.Word("install", false, ("any", false), ("window", true)),
            RebootSignal = reader.Path("reboot.signal") ?? settings.RebootSignal,
            RebootLocks = reader.All("reboot.lock", "a path that begins with /", text => text.StartsWith('/') ? text : null),
            Delay = reader.Time("delay", settings.Delay, TimeSpan.Zero),
            Metered = reader.Path("metered"),
            MeteredReach = reader.Reach("metered.reach", settings.MeteredReach),
            Attempts = reader.Number("attempts", settings.Attempts, 1, 9),
            Confirm = reader.Word("confirm", settings.Confirm, ("health", ConfirmStrategy.Health), ("operator", ConfirmStrategy.Operator)),
            ConfirmWithin = reader.Time("confirm.within", settings.ConfirmWithin, TimeSpan.FromSeconds(10)),
            Checks = reader.All("check", HealthCheckLine.Expected, HealthCheckLine.TryParse),
            CheckRetries = reader.Number("check.retries", settings.CheckRetries, 0, 1000),
            CheckInterval = reader.Time("check.interval", settings.CheckInterval, TimeSpan.FromSeconds(1)),
            MetricsPort = values.Find("metrics") is null ? null : reader.Number("metrics", 0, 1, 65535),
            Web = reader.Listener("web"),
            WebCertificate = reader.Certificate("web.certificate") ?? settings.WebCertificate,
            Watchdog = reader.Path("watchdog"),
        };
        settings = settings with
        {
            Reboot = reader.Word(
                "reboot", settings.Windows.IsEmpty ? RebootStrategy.Immediate : RebootStrategy.Window, ("immediate", RebootStrategy.Immediate),
                ("window", RebootStrategy.Window), ("signal", RebootStrategy.Signal), ("never", RebootStrategy.Never)),
        };
        if (settings.Windows.IsEmpty && (settings.Reboot == RebootStrategy.Window || settings.InstallsInWindowOnly))
            throw new InvalidDataException($"{fileName}: something is to be done in windows, and there is none; expected window={WeeklyWindow.Expected}");
        return settings;
    }

    private sealed class SettingReader(NamedValues values, string fileName)
    {
        public TimeSpan Time(string name, TimeSpan otherwise, TimeSpan least) => values.Find(name) is not { } text ? otherwise
            : Duration.TryParse(text, out var time) && time >= least ? time
            : throw Wrong(name, text, $"a time of at least {least.TotalSeconds:0}s, such as 30m, 6h or 2d");

        public int Number(string name, int otherwise, int least, int most) => values.Find(name) is not { } text ? otherwise
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
            : throw Wrong(name, text, $"a number from {least} to {most}");

        public IPEndPoint? Listener(string name)
        {
            if (values.Find(name) is not { } text || text == Off) return null;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= IPEndPoint.MaxPort) return new(IPAddress.IPv6Any, port);
            return text.Contains(':') && IPEndPoint.TryParse(text, out var address) && address.Port > 0 ? address
                : throw Wrong(name, text, "a port such as 8080, an address with one such as 127.0.0.1:8080, or off");
        }

        public string? Certificate(string name) => values.Find(name) is not { } text ? null
            : text is Off or Generated || text.StartsWith('/') ? text : throw Wrong(name, text, $"a path that begins with /, {Generated}, or {Off}");

        public T Word<T>(string name, T otherwise, params (string Word, T Meaning)[] words)
        {
            if (values.Find(name) is not { } text) return otherwise;
            foreach (var (word, meaning) in words)
                if (word == text) return meaning;
            throw Wrong(name, text, $"one of {string.Join(", ", words.Select(pair => pair.Word))}");
        }

        public AgentReach Reach(string name, AgentReach otherwise) =>
            Word(name, otherwise, ("check", AgentReach.Check), ("download", AgentReach.Download), ("install", AgentReach.Install));

        public string? Path(string name) => values.Find(name) is not { } text ? null : text.StartsWith('/') ? text : throw Wrong(name, text, "a path that begins with /");

        public ImmutableArray<T> All<T>(string name, string expected, Func<string, T?> parse) where T : class =>
            [.. values.Of(name).Select(text => parse(text) ?? throw Wrong(name, text, expected))];

        public TimeZoneInfo Zone(string name)
        {
            if (values.Find(name) is not { } text) return TimeZoneInfo.Utc;
            return TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone) ? zone
                : throw Wrong(name, text, "a zone such as Europe/Berlin that this system knows (Debian: tzdata)");
        }

        private InvalidDataException Wrong(string name, string text, string expected) => new($"{fileName}: {name} cannot be '{text}'; expected {expected}");
    }
}
