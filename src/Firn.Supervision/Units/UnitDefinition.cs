namespace Firn.Supervision.Units;

/// <summary>What a unit is to be. Times are milliseconds; <see cref="int.MaxValue"/> is without end.</summary>
public sealed class UnitDefinition
{
    public required string Name { get; init; }
    public string Description { get; init; } = "";
    public UnitType Type { get; init; }
    public bool IsEnabled { get; init; } = true;

    public string[] Run { get; init; } = [];
    public string[][] StartPre { get; init; } = [];
    public string[][] Stop { get; init; } = [];
    public string[][] StopPost { get; init; } = [];
    public string[][] Reload { get; init; } = [];
    public string[][] RestartPre { get; init; } = [];
    public string[][] Check { get; init; } = [];
    public int CheckInterval { get; init; } = int.MaxValue;
    public int CheckFailures { get; init; } = 1;

    public Readiness Ready { get; init; } = Readiness.Default;
    public bool Remains { get; init; }
    public string PidFile { get; init; } = "";
    public int Watchdog { get; init; } = int.MaxValue;

    /// <summary>Of all units with the same word only one starts or reloads at a time; empty for none.</summary>
    public string Exclusive { get; init; } = "";

    /// <summary>What kind of manager it is, if it is one: <see cref="ManagerKind"/>.</summary>
    public string Manager { get; init; } = "";

    public RestartPolicy Restart { get; init; } = RestartPolicy.OnFailure;
    public int RestartDelay { get; init; }
    public int MaxDelay { get; init; } = 60_000;
    public int StartLimit { get; init; } = 10;
    public int StartLimitWindow { get; init; } = 600_000;
    public int StableTime { get; init; } = 10_000;
    public int[] SuccessCodes { get; init; } = [];

    public int StartTimeout { get; init; } = 90_000;
    public int StopTimeout { get; init; } = 10_000;
    public int KillTimeout { get; init; } = 5_000;
    public int DependTimeout { get; init; } = 90_000;
    public int ReloadTimeout { get; init; } = 30_000;
    public int StopSignal { get; init; } = 15;
    public int ReloadSignal { get; init; } = 1;

    public string[] Requires { get; init; } = [];
    public string[] Requisite { get; init; } = [];
    public string[] Wants { get; init; } = [];
    public string[] BindsTo { get; init; } = [];
    public string[] PartOf { get; init; } = [];
    public string[] After { get; init; } = [];
    public string[] Before { get; init; } = [];
    public string[] AlsoReload { get; init; } = [];

    public string User { get; init; } = "";
    public string Group { get; init; } = "";
    public string Groups { get; init; } = "";
    public string Directory { get; init; } = "";
    public string Root { get; init; } = "";
    public string Umask { get; init; } = "";
    public string Nice { get; init; } = "";
    public string Capabilities { get; init; } = "";
    public string Namespaces { get; init; } = "";

    /// <summary><c>NAME=value</c>.</summary>
    public string[] Environment { get; init; } = [];
    public string EnvironmentFile { get; init; } = "";

    /// <summary><c>NAME=value</c>, the names as in <see cref="UnitLimits"/>.</summary>
    public string[] Limits { get; init; } = [];
    public bool HasTerminal { get; init; }

    public LogKind Log { get; init; }

    /// <summary>Host and port of <see cref="LogKind.Udp"/>.</summary>
    public string LogTarget { get; init; } = "";
    public long LogSize { get; init; } = 1 << 20;
    public int LogKeep { get; init; } = 10;
    public bool LogStamps { get; init; }
    public bool LogCompress { get; init; }

    public bool IsClean(int code) => code == 0 || Array.IndexOf(SuccessCodes, code) >= 0;

    /// <summary>Whether others may have to wait while it starts, so that not too many do at once.</summary>
    public bool StartIsWork => StartPre.Length > 0 || Ready.Kind != ReadyKind.Settle;
}
